import type { ConnectivityState } from "../core/connectivity.js"
import { diagnosticsChannel } from "../core/diagnostics.js"
import type { Entity } from "../core/entity.js"

const channelState = diagnosticsChannel("farcall:client:channel:state")
const resolverUpdate = diagnosticsChannel("farcall:client:resolver:update")
const resolverError = diagnosticsChannel("farcall:client:resolver:error")

/** Tells what becomes of a channel, by its history and on diagnostics channels, to those who look in. */
export class ChannelEvents {
  private readonly entity: Entity
  private readonly target: string

  constructor(entity: Entity, target: string) {
    this.entity = entity
    this.target = target
  }

  /** @param reason why there is no connection to be had */
  state(from: ConnectivityState, to: ConnectivityState, reason: string | undefined): void {
    const why = reason === undefined ? "" : `: ${reason}`
    this.entity.record(reason === undefined ? "info" : "warning", `${from} -> ${to}${why}`)
    if (channelState.hasSubscribers) channelState.publish({ ...this.about, from, to, reason })
  }

  /** @param serviceConfig whether one came with them */
  addresses(addresses: readonly string[], serviceConfig: boolean): void {
    this.entity.record("info", `found ${addresses.join(", ")}`)
    if (resolverUpdate.hasSubscribers) resolverUpdate.publish({ ...this.about, addresses, serviceConfig })
  }

  noAddresses(error: Error): void {
    this.entity.record("warning", error.message)
    if (resolverError.hasSubscribers) resolverError.publish({ ...this.about, error })
  }

  subchannel(name: string, { id }: Entity): void {
    this.entity.record("info", `to try ${name}`, { kind: "subchannel", id, name })
  }

  policy(name: string): void {
    this.entity.record("info", `balanced by ${name}`)
  }

  /** What all of its events say. */
  private get about(): { channelId: number; target: string } {
    return { channelId: this.entity.id, target: this.target }
  }
}

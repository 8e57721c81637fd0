import type { Balancing } from "../client/service-config.js"
import type { ChannelCall, ClientTransport } from "../client/transport.js"
import type { ConnectivityState } from "../core/connectivity.js"
import { type Address, formatAddress } from "../transport/address.js"
import { distinct } from "./address-order.js"
import type { Balancer, BalancerHost } from "./balancer.js"
import { FailingPicker, type Picker, WaitingPicker } from "./picker.js"
import { describeError, type Subchannel, type SubchannelListener } from "./subchannel.js"

/**
 * Keeps a connection to every address, and gives them the calls in turn. READY while any is; a connection that is lost
 * is made again at once. An address that has failed counts as failed until it connects.
 */
export class RoundRobin implements Balancer, SubchannelListener {
  private readonly host: BalancerHost
  /** The service whose health is watched, when one is: a server that is not well counts as one that has failed. */
  private readonly healthService: string | undefined
  private subchannels = new Map<string, Subchannel>()
  private readonly failed = new Set<Subchannel>()
  private lastError: Error | undefined = undefined
  private closed = false

  constructor(host: BalancerHost, config: Balancing) {
    this.host = host
    this.healthService = config.policy === "round_robin" ? config.healthService : undefined
  }

  onAddresses(addresses: readonly Address[]): void {
    const before = this.subchannels
    this.subchannels = new Map()
    for (const address of distinct(addresses)) {
      const name = formatAddress(address)
      this.subchannels.set(name, before.get(name) ?? this.host.createSubchannel(address, this, this.healthService))
    }
    for (const [name, gone] of before) {
      if (this.subchannels.has(name)) continue
      this.failed.delete(gone)
      gone.retire()
    }
    for (const subchannel of this.subchannels.values()) subchannel.connect()
    this.publish()
  }

  onResolverError(error: Error, retryAt: number): void {
    if (this.subchannels.size > 0) return
    this.lastError = error
    this.host.update("TRANSIENT_FAILURE", new FailingPicker(error.message, error, retryAt))
  }

  /** It is never idle: its channel is, without it. */
  exitIdle(): void {}

  close(): void {
    this.closed = true
    for (const subchannel of this.subchannels.values()) subchannel.retire()
    this.subchannels.clear()
  }

  onState(subchannel: Subchannel): void {
    switch (subchannel.state) {
      case "READY":
        this.failed.delete(subchannel)
        break
      case "TRANSIENT_FAILURE":
        this.failed.add(subchannel)
        this.lastError = subchannel.lastError
        this.host.resolve()
        break
      case "IDLE":
        this.lastError = subchannel.lastError
        // Lost, not backed off: what is known of the addresses may be out of date.
        if (!this.failed.has(subchannel)) this.host.resolve()
        subchannel.connect()
        return
    }
    this.publish()
  }

  private publish(): void {
    if (this.closed) return
    const all = [...this.subchannels.values()]
    const ready = all.filter(({ state }) => state === "READY")
    const failures = [...this.failed].map((subchannel) => describeError(subchannel, subchannel.lastError!)).join("; ")
    let state: ConnectivityState
    let picker: Picker
    if (ready.length > 0) {
      state = "READY"
      const first = Math.floor(this.host.random() * ready.length)
      picker = new TurnPicker(
        ready.map(({ transport }) => transport!),
        first,
      )
    } else if (this.failed.size < all.length) {
      state = "CONNECTING"
      const names = all.filter((subchannel) => !this.failed.has(subchannel)).map(({ name }) => name)
      const past = failures === "" ? "" : `, after ${failures}`
      picker = new WaitingPicker(`connecting to ${names.join(", ")}${past}`, this.lastError)
    } else {
      state = "TRANSIENT_FAILURE"
      const connecting = all.some((subchannel) => subchannel.state === "CONNECTING")
      const retryAt = connecting ? 0 : Math.min(...all.map((subchannel) => subchannel.retryAt))
      picker = new FailingPicker(failures, this.lastError, retryAt)
    }
    this.host.update(state, picker)
  }
}

/** Each call takes the next connection that has room. */
class TurnPicker implements Picker {
  readonly failing = false
  readonly cause: undefined = undefined
  private readonly transports: readonly ClientTransport[]
  private next: number

  constructor(transports: readonly ClientTransport[], first: number) {
    this.transports = transports
    this.next = first
  }

  place(call: ChannelCall): boolean {
    const { transports } = this
    for (let tried = 0; tried < transports.length; tried++) {
      const transport = transports[this.next]!
      this.next = this.next + 1 === transports.length ? 0 : this.next + 1
      if (call.begin(transport)) return true
    }
    return false
  }

  describe(_now: number): string {
    return `${this.transports.map(({ peer }) => peer).join(", ")} allow no more streams at once`
  }
}

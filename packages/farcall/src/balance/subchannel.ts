import type { ChannelCall, ClientTransport } from "../client/transport.js"
import { CallCounts, type CallTally, noCalls, sumOfCalls } from "../core/call-counts.js"
import type { Clock, Timer } from "../core/clock.js"
import type { ConnectivityState } from "../core/connectivity.js"
import { diagnosticsChannel } from "../core/diagnostics.js"
import { Entity } from "../core/entity.js"
import { withReason } from "../core/reason.js"
import type { ConnectionView, SubchannelView } from "../core/registry.js"
import { type Address, formatAddress } from "../transport/address.js"
import type { Backoff } from "./backoff.js"
import { type AttemptOwner, ConnectionAttempt, type ConnectTransport } from "./connection-attempt.js"
import { HealthWatch } from "./health-watch.js"

/**
 * One address, and the connection to it when there is one. A subchannel connects when it is told to, never by itself:
 *
 * ```text
 *            connect                  connected
 *   ┌─ IDLE ─────────► CONNECTING ────────────────► READY ─┐
 *   │   ▲ ▲                │                               │
 *   │   │ │ backedOff      │ failed                   lost │   (lost, or draining: it takes no more streams)
 *   │   │ └─ TRANSIENT_FAILURE                             │
 *   │   └──────────────────────────────────────────────────┘
 *   └── retire, from any state ──► SHUTDOWN
 * ```
 *
 * Where a service's health is watched (gRPC A17), it is READY while the server says that the service is well, CONNECTING
 * until it has said anything, and TRANSIENT_FAILURE, without a backoff, while it is not.
 */
const transitions: Record<ConnectivityState, Partial<Record<Input, ConnectivityState>>> = {
  IDLE: { connect: "CONNECTING", retire: "SHUTDOWN" },
  CONNECTING: {
    connected: "READY",
    failed: "TRANSIENT_FAILURE",
    unhealthy: "TRANSIENT_FAILURE",
    retire: "SHUTDOWN",
  },
  READY: { lost: "IDLE", unhealthy: "TRANSIENT_FAILURE", retire: "SHUTDOWN" },
  TRANSIENT_FAILURE: {
    backedOff: "IDLE",
    connected: "READY",
    watchedAgain: "CONNECTING",
    lost: "IDLE",
    retire: "SHUTDOWN",
  },
  SHUTDOWN: {},
}

type Input = "connect" | "connected" | "failed" | "backedOff" | "lost" | "unhealthy" | "watchedAgain" | "retire"

/** What a balancer learns of its subchannel. */
export interface SubchannelListener {
  /** `subchannel.state` has changed. */
  onState(subchannel: Subchannel): void
}

/** What all subchannels of a channel share. */
export interface SubchannelContext {
  /** The channel, to those who look in. */
  readonly channelId: number
  readonly clock: Clock
  readonly authority: string
  readonly connect: ConnectTransport
  readonly connectTimeoutMs: number
  makeBackoff(): Backoff
  /** A connection was made; it lives until `onTransportClosed`, longer than its subchannel where calls run on. */
  onTransportOpen(transport: ClientTransport): void
  onTransportClosed(transport: ClientTransport): void
  /** It is retired, and its last connection is closed. */
  onSubchannelGone(subchannel: Subchannel): void
  /** A READY connection that could not take a stream can again. */
  onCapacity(): void
  /** Begins a call on a connection, with what the channel has all calls bring; false when there is no room for it. */
  beginOn(call: ChannelCall, transport: ClientTransport): boolean
}

const stateChannel = diagnosticsChannel("farcall:client:subchannel:state")
const healthChannel = diagnosticsChannel("farcall:client:subchannel:health")

/** One address, as a balancer has it: it connects, waits longer after each failure, and tells its listener its state. */
export class Subchannel implements SubchannelView {
  readonly entity: Entity
  readonly address: Address
  /** The address as text. */
  readonly name: string
  /** The connection, while READY; and while the server is not well, or has not said that it is. */
  transport: ClientTransport | undefined = undefined
  /** Why the last attempt failed, or the last connection was lost. */
  lastError: Error | undefined = undefined
  /** In TRANSIENT_FAILURE: when the backoff is over, by the clock. */
  retryAt = 0
  private current: ConnectivityState = "IDLE"
  private attempt: ConnectionAttempt | undefined = undefined
  /** What attempts know of it. */
  private readonly attempts: AttemptOwner
  private attemptStart = 0
  /** Ends the attempt, or the backoff. */
  private timer: Timer | undefined = undefined
  private readonly context: SubchannelContext
  private readonly listener: SubchannelListener
  private readonly backoff: Backoff
  private readonly healthService: string | undefined
  private watch: HealthWatch | undefined = undefined
  /** Its connections that are not closed: several, where calls run on after one was lost. */
  private readonly transports: Set<ClientTransport> = new Set()
  /** What those have carried that are closed. */
  private readonly past = new CallCounts()

  /** @param healthService the service whose health is watched; `undefined`: a connection is good as it is */
  constructor(address: Address, listener: SubchannelListener, context: SubchannelContext, healthService?: string) {
    this.entity = new Entity(context.clock)
    this.address = address
    this.name = formatAddress(address)
    this.listener = listener
    this.context = context
    this.backoff = context.makeBackoff()
    this.healthService = healthService
    this.attempts = {
      name: this.name,
      isCurrent: (attempt) => this.attempt === attempt,
      succeed: (attempt, transport) => this.succeed(attempt, transport),
      fail: (attempt, error) => this.fail(attempt, error),
      onOpen: (transport) => this.onOpen(transport),
      onClosed: (transport) => this.onClosed(transport),
      onCapacity: () => context.onCapacity(),
    }
  }

  get state(): ConnectivityState {
    return this.current
  }

  get calls(): CallTally {
    return sumOfCalls([this.past, ...[...this.transports].map(({ calls }) => calls ?? noCalls)])
  }

  get connections(): Iterable<ConnectionView> {
    return [...this.transports].flatMap(({ connections }) => [...(connections ?? [])])
  }

  /** Starts an attempt, when IDLE; in any other state nothing happens. */
  connect(): void {
    if (!this.take("connect")) return
    const { clock, connectTimeoutMs } = this.context
    const attempt = new ConnectionAttempt(this.attempts, this.context)
    this.attempt = attempt
    this.attemptStart = clock.now()
    this.timeOut(() => `connect ${this.name}: no connection within ${connectTimeoutMs} ms${attempt.describe()}`)
    void attempt.run(this.address)
    this.listener.onState(this)
  }

  /** Gives the address up for good: an attempt ends, calls on the connection run on. The listener hears nothing more. */
  retire(): void {
    if (!this.take("retire")) return
    this.stopWaiting()
    const { attempt, transport } = this
    this.attempt = undefined
    this.transport = undefined
    transport?.drain()
    attempt?.abort()
    this.leaveWhenOver()
  }

  private succeed(attempt: ConnectionAttempt, transport: ClientTransport): void {
    if (this.attempt !== attempt) return
    this.stopWaiting()
    this.transport = transport
    this.backoff.reset()
    if (this.healthService === undefined) this.onHealth(undefined)
    else this.watchHealth(transport, this.healthService)
  }

  private onHealth(trouble: Error | undefined): void {
    this.timer?.cancel()
    const { healthService: service } = this
    if (service !== undefined && healthChannel.hasSubscribers) {
      healthChannel.publish({ ...this.event, service, trouble })
    }
    if (trouble !== undefined) this.lastError = trouble
    this.retryAt = 0
    if (this.take(trouble === undefined ? "connected" : "unhealthy")) this.listener.onState(this)
  }

  private onWatchAgain(): void {
    this.timeOutHealth()
    if (this.take("watchedAgain")) this.listener.onState(this)
  }

  private fail(attempt: ConnectionAttempt, error: Error): void {
    if (this.attempt !== attempt) return
    this.stopWaiting()
    const { transport } = this
    this.attempt = undefined
    this.transport = undefined
    this.lastError = error
    if (this.take("failed")) {
      transport?.drain()
      attempt.abort()
      this.backOff(attempt.retryAt)
    } else this.take("lost")
    this.listener.onState(this)
  }

  private onOpen(transport: ClientTransport): void {
    this.transports.add(transport)
    this.context.onTransportOpen(transport)
    for (const { entity, local, remote } of transport.connections ?? []) {
      this.entity.record("info", "connected", { kind: "socket", id: entity.id, name: `${local} -> ${remote}` })
    }
  }

  private onClosed(transport: ClientTransport): void {
    this.transports.delete(transport)
    this.past.add(transport.calls ?? noCalls)
    this.context.onTransportClosed(transport)
    this.leaveWhenOver()
  }

  private leaveWhenOver(): void {
    if (this.current === "SHUTDOWN" && this.transports.size === 0) this.context.onSubchannelGone(this)
  }

  private watchHealth(transport: ClientTransport, service: string): void {
    const { clock, authority, beginOn, makeBackoff } = this.context
    this.watch = new HealthWatch({
      transport,
      authority,
      service,
      clock,
      backoff: makeBackoff(),
      listener: {
        onHealth: (trouble) => this.onHealth(trouble),
        onWatchAgain: () => this.onWatchAgain(),
      },
      beginOn,
    })
    this.timeOutHealth()
    this.watch.start()
  }

  private timeOutHealth(): void {
    this.timeOut(() => `${this.name} has not said within ${this.context.connectTimeoutMs} ms how it fares`)
  }

  /** Gives the attempt up, connected or not, when `connectTimeoutMs` have passed. */
  private timeOut(describe: () => string): void {
    const { clock, connectTimeoutMs } = this.context
    const attempt = this.attempt!
    this.timer = clock.after(connectTimeoutMs, () =>
      this.fail(attempt, withReason("FARCALL_CONNECT_TIMEOUT", new Error(describe()))),
    )
  }

  private stopWaiting(): void {
    this.timer?.cancel()
    this.watch?.stop()
    this.watch = undefined
  }

  /** The backoff is counted from the attempt's start (checklist point 41), so a slow failure has waited already. */
  private backOff(until: number | undefined): void {
    const { clock } = this.context
    this.retryAt = until ?? Math.max(clock.now(), this.attemptStart + this.backoff.next())
    this.timer = clock.after(this.retryAt - clock.now(), () => {
      if (this.take("backedOff")) this.listener.onState(this)
    })
  }

  /** What all of its events say. */
  private get event(): { channelId: number; subchannelId: number; address: string } {
    return { channelId: this.context.channelId, subchannelId: this.entity.id, address: this.name }
  }

  private take(input: Input): boolean {
    const next = transitions[this.current][input]
    if (next === undefined) return false
    const failure = next === "TRANSIENT_FAILURE" || input === "lost" ? this.lastError : undefined
    const why = failure === undefined ? "" : `: ${failure.message}`
    this.entity.record(failure === undefined ? "info" : "warning", `${this.current} -> ${next}${why}`)
    if (stateChannel.hasSubscribers) {
      stateChannel.publish({ ...this.event, from: this.current, to: next, error: failure })
    }
    this.current = next
    return true
  }
}

/** What went wrong at an address, with the address unless the error names it already, as node's do. */
export function describeError(subchannel: Subchannel, error: Error): string {
  const { address, name } = subchannel
  const inNode =
    address.kind === "tcp" ? `${address.host}:${address.port}` : address.kind === "unix" ? address.path : name
  return error.message.includes(inNode) || error.message.includes(name) ? error.message : `${name}: ${error.message}`
}

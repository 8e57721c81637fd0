import type { ClientTransport, ConnectivityState, TransportListener } from "../client/transport.js"
import type { Clock, Timer } from "../core/clock.js"
import { type Address, formatAddress } from "../transport/address.js"
import type { Backoff } from "./backoff.js"

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
 */
const transitions: Record<ConnectivityState, Partial<Record<Input, ConnectivityState>>> = {
  IDLE: { connect: "CONNECTING", retire: "SHUTDOWN" },
  CONNECTING: { connected: "READY", failed: "TRANSIENT_FAILURE", retire: "SHUTDOWN" },
  READY: { lost: "IDLE", retire: "SHUTDOWN" },
  TRANSIENT_FAILURE: { backedOff: "IDLE", retire: "SHUTDOWN" },
  SHUTDOWN: {},
}

type Input = "connect" | "connected" | "failed" | "backedOff" | "lost" | "retire"

/**
 * Makes one connection. The promise resolves once the server's SETTINGS have arrived, and rejects with an error that
 * says why there is no connection; `signal` ends the attempt.
 */
export type ConnectTransport = (
  address: Address,
  listener: TransportListener,
  attempt: ConnectAttempt,
) => Promise<ClientTransport>

export interface ConnectAttempt {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly authority: string
}

export interface SubchannelListener {
  /** `subchannel.state` has changed. */
  onState(subchannel: Subchannel): void
}

/** What all subchannels of a channel share. */
export interface SubchannelContext {
  readonly clock: Clock
  readonly authority: string
  readonly connect: ConnectTransport
  readonly connectTimeoutMs: number
  makeBackoff(): Backoff
  /** A connection was made; it lives until `onTransportClosed`, longer than its subchannel where calls run on. */
  onTransportOpen(transport: ClientTransport): void
  onTransportClosed(transport: ClientTransport): void
  /** A READY connection that could not take a stream can again. */
  onCapacity(): void
}

export class Subchannel {
  readonly address: Address
  /** The address as text. */
  readonly name: string
  /** The connection, while READY. */
  transport: ClientTransport | undefined
  /** Why the last attempt failed, or the last connection was lost. */
  lastError: Error | undefined
  /** In TRANSIENT_FAILURE: when the backoff is over, by the clock. */
  retryAt = 0
  private current: ConnectivityState = "IDLE"
  private attempt: Attempt | undefined
  private attemptStart = 0
  /** Ends the attempt, or the backoff. */
  private timer: Timer | undefined
  private readonly context: SubchannelContext
  private readonly listener: SubchannelListener
  private readonly backoff: Backoff

  constructor(address: Address, listener: SubchannelListener, context: SubchannelContext) {
    this.address = address
    this.name = formatAddress(address)
    this.listener = listener
    this.context = context
    this.backoff = context.makeBackoff()
  }

  get state(): ConnectivityState {
    return this.current
  }

  /** Starts an attempt, when IDLE; in any other state nothing happens. */
  connect(): void {
    if (!this.take("connect")) return
    const { clock, connectTimeoutMs } = this.context
    const attempt = new Attempt(this, this.context)
    this.attempt = attempt
    this.attemptStart = clock.now()
    this.timer = clock.after(connectTimeoutMs, () => {
      this.fail(attempt, new Error(`connect ${this.name}: no connection within ${connectTimeoutMs} ms`))
    })
    void attempt.run(this.address)
    this.listener.onState(this)
  }

  /** Gives the address up for good: an attempt ends, calls on the connection run on. The listener hears nothing more. */
  retire(): void {
    if (!this.take("retire")) return
    this.timer?.cancel()
    const { attempt, transport } = this
    this.attempt = undefined
    this.transport = undefined
    transport?.drain()
    attempt?.abort()
  }

  /** For the attempt alone: it has led to a connection. */
  succeed(attempt: Attempt, transport: ClientTransport): void {
    if (this.attempt !== attempt || !this.take("connected")) return
    this.timer?.cancel()
    this.transport = transport
    this.backoff.reset()
    this.listener.onState(this)
  }

  /** For the attempt alone: it has led to nothing, or the connection it made is lost or takes no more streams. */
  fail(attempt: Attempt, error: Error): void {
    if (this.attempt !== attempt) return
    this.timer?.cancel()
    this.attempt = undefined
    this.transport = undefined
    this.lastError = error
    if (this.take("failed")) {
      attempt.abort()
      this.backOff()
    } else this.take("lost")
    this.listener.onState(this)
  }

  isCurrent(attempt: Attempt): boolean {
    return this.attempt === attempt
  }

  /** The backoff is counted from the attempt's start (checklist point 41), so a slow failure has waited already. */
  private backOff(): void {
    const { clock } = this.context
    this.retryAt = Math.max(clock.now(), this.attemptStart + this.backoff.next())
    this.timer = clock.after(this.retryAt - clock.now(), () => {
      if (this.take("backedOff")) this.listener.onState(this)
    })
  }

  private take(input: Input): boolean {
    const next = transitions[this.current][input]
    if (next === undefined) return false
    this.current = next
    return true
  }
}

/** One attempt to connect, and the connection it led to. Its subchannel may have moved on to another, or retired. */
class Attempt implements TransportListener {
  private readonly subchannel: Subchannel
  private readonly context: SubchannelContext
  private readonly controller = new AbortController()
  private transport: ClientTransport | undefined
  /** The connection ended before the promise of it was seen. */
  private stillborn: Error | undefined

  constructor(subchannel: Subchannel, context: SubchannelContext) {
    this.subchannel = subchannel
    this.context = context
  }

  async run(address: Address): Promise<void> {
    const { clock, authority, connect } = this.context
    let transport: ClientTransport
    try {
      transport = await connect(address, this, { clock, authority, signal: this.controller.signal })
    } catch (error) {
      this.subchannel.fail(this, error instanceof Error ? error : new Error(String(error), { cause: error }))
      return
    }
    if (this.stillborn !== undefined) this.subchannel.fail(this, this.stillborn)
    if (!this.subchannel.isCurrent(this)) {
      transport.close("nobody waits for this connection any more")
      return
    }
    this.transport = transport
    this.context.onTransportOpen(transport)
    this.subchannel.succeed(this, transport)
  }

  abort(): void {
    this.controller.abort()
  }

  onCapacity(): void {
    if (this.transport !== undefined && this.subchannel.isCurrent(this)) this.context.onCapacity()
  }

  onDraining(reason: string): void {
    this.end(new Error(reason))
  }

  onClosed(error: Error | undefined): void {
    this.end(error ?? new Error(`${this.subchannel.name} closed the connection`))
    if (this.transport !== undefined) this.context.onTransportClosed(this.transport)
  }

  private end(error: Error): void {
    if (this.transport === undefined) this.stillborn ??= error
    else this.subchannel.fail(this, error)
  }
}

/** What went wrong at an address, with the address unless the error names it already, as node's do. */
export function describeError(subchannel: Subchannel, error: Error): string {
  const { address, name } = subchannel
  const inNode =
    address.kind === "tcp" ? `${address.host}:${address.port}` : address.kind === "unix" ? address.path : name
  return error.message.includes(inNode) || error.message.includes(name) ? error.message : `${name}: ${error.message}`
}

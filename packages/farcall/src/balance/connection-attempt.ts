import type { ClientTransport, TransportListener } from "../client/transport.js"
import type { Clock } from "../core/clock.js"
import { withReason } from "../core/reason.js"
import type { Address } from "../transport/address.js"

/** One attempt to connect, and the connection it led to. Its owner may have moved on to another, or retired. */
export class ConnectionAttempt implements TransportListener {
  private readonly owner: AttemptOwner
  private readonly options: ConnectionAttemptOptions
  private readonly controller = new AbortController()
  private transport: ClientTransport | undefined = undefined
  private awaited: string | undefined = undefined
  /** When the next attempt may start, where that has been said. */
  retryAt: number | undefined = undefined
  /** The connection ended before the promise of it was seen. */
  private stillborn: Error | undefined = undefined

  constructor(owner: AttemptOwner, options: ConnectionAttemptOptions) {
    this.owner = owner
    this.options = options
  }

  async run(address: Address): Promise<void> {
    const { clock, authority, connect } = this.options
    let transport: ClientTransport
    try {
      transport = await connect(address, this, {
        clock,
        authority,
        signal: this.controller.signal,
        awaits: (what) => {
          this.awaited = what
        },
        backsOffUntil: (at) => {
          this.retryAt = at
        },
      })
    } catch (error) {
      this.owner.fail(this, error instanceof Error ? error : new Error(String(error), { cause: error }))
      return
    }
    if (this.stillborn !== undefined) this.owner.fail(this, this.stillborn)
    if (!this.owner.isCurrent(this)) {
      transport.close("nobody waits for this connection any more")
      return
    }
    this.transport = transport
    this.owner.onOpen(transport)
    this.owner.succeed(this, transport)
  }

  /** How far it has come, if that is known. */
  describe(): string {
    return this.awaited === undefined ? "" : `: ${this.awaited}`
  }

  abort(): void {
    this.controller.abort()
  }

  onCapacity(): void {
    if (this.transport !== undefined && this.owner.isCurrent(this)) this.owner.onCapacity()
  }

  onDraining(reason: string): void {
    this.end(new Error(reason))
  }

  onClosed(error: Error | undefined): void {
    this.end(error ?? withReason("FARCALL_CONNECTION_LOST", new Error(`${this.owner.name} closed the connection`)))
    if (this.transport !== undefined) this.owner.onClosed(this.transport)
  }

  private end(error: Error): void {
    if (this.transport === undefined) this.stillborn ??= error
    else this.owner.fail(this, error)
  }
}

/** What an attempt is made with. */
export interface ConnectionAttemptOptions {
  readonly clock: Clock
  readonly authority: string
  readonly connect: ConnectTransport
}

/** Who attempts: a subchannel. */
export interface AttemptOwner {
  /** The address as text. */
  readonly name: string
  /** Whether it still wants this one. */
  isCurrent(attempt: ConnectionAttempt): boolean
  /** It has led to a connection. */
  succeed(attempt: ConnectionAttempt, transport: ClientTransport): void
  /** It has led to nothing, or the connection it made is lost or takes no more streams. */
  fail(attempt: ConnectionAttempt, error: Error): void
  /** There is a connection, which lives until `onClosed`. */
  onOpen(transport: ClientTransport): void
  onClosed(transport: ClientTransport): void
  /** The connection could not take a stream, and can again. */
  onCapacity(): void
}

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
  /** Says what has not happened yet, for the error when the attempt takes too long. */
  awaits(what: string): void
  /** Says when the next attempt may start, should this one fail, where that is not the subchannel's alone to say. */
  backsOffUntil(at: number): void
}

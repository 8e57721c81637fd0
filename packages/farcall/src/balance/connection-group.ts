import type {
  ClientStream,
  ClientTransport,
  RequestHead,
  StreamListener,
  TransportListener,
} from "../client/transport.js"
import { CallCounts, type CallTally, noCalls, sumOfCalls } from "../core/call-counts.js"
import type { Timer } from "../core/clock.js"
import { limits } from "../core/limits.js"
import type { ConnectionView } from "../core/registry.js"
import type { Address } from "../transport/address.js"
import type { Backoff } from "./backoff.js"
import type { ConnectAttempt, ConnectTransport } from "./connection-attempt.js"

export interface ConnectionGroupOptions {
  /** How many connections one address may have at once; at least 2, for one needs no group. */
  readonly most: number
  readonly connectTimeoutMs: number
  makeBackoff(): Backoff
}

/**
 * Makes connections that are several where one is not enough: when all of them are at the server's limit of streams, and
 * a call waits, another one to the same address is made (gRPC A105). To their subchannel they are one.
 */
export function connectionGroups(connect: ConnectTransport, options: ConnectionGroupOptions): ConnectTransport {
  return (address, listener, attempt) => ConnectionGroup.open(connect, options, address, listener, attempt)
}

/** The connections of one address, the first of which is there from the start. */
class ConnectionGroup implements ClientTransport {
  readonly peer: string
  readonly secure: boolean
  private readonly maker: Maker
  private readonly listener: TransportListener
  private readonly backoff: Backoff
  /** Those that take streams, the oldest first: replaced, never changed. */
  private members: readonly Member[]
  /** Those that are not closed. */
  private readonly alive: Set<Member>
  /** What those have carried that are closed. */
  private readonly past = new CallCounts()
  /** It takes no more streams, and says so. */
  private ended = false
  /** Ends the attempt to make another connection. */
  private growing: AbortController | undefined = undefined
  /** Runs from an attempt that failed until the next one may start. */
  private backoffTimer: Timer | undefined = undefined
  private idleTimer: Timer | undefined = undefined

  static async open(
    connect: ConnectTransport,
    options: ConnectionGroupOptions,
    address: Address,
    listener: TransportListener,
    attempt: ConnectAttempt,
  ): Promise<ClientTransport> {
    const first = new Member(listener)
    first.transport = await connect(address, first, attempt)
    if (first.lost !== undefined) {
      first.transport.close("it takes no calls")
      throw first.lost
    }
    const { clock, authority } = attempt
    return new ConnectionGroup(first, { connect, options, address, clock, authority }, listener)
  }

  private constructor(first: Member, maker: Maker, listener: TransportListener) {
    this.peer = first.transport!.peer
    this.secure = first.transport!.secure
    this.maker = maker
    this.listener = listener
    this.backoff = maker.options.makeBackoff()
    this.members = [first]
    this.alive = new Set(this.members)
    first.group = this
  }

  get connections(): Iterable<ConnectionView> {
    return [...this.alive].flatMap(({ transport }) => [...(transport!.connections ?? [])])
  }

  get calls(): CallTally {
    return sumOfCalls([this.past, ...[...this.alive].map(({ transport }) => transport!.calls ?? noCalls)])
  }

  get openStreams(): number {
    return this.members.reduce((sum, { transport }) => sum + transport!.openStreams, 0)
  }

  open(request: RequestHead, listener: StreamListener): ClientStream | undefined {
    for (const member of this.members) {
      const stream = member.transport!.open(request, listener)
      if (stream === undefined) continue
      member.quiet = false
      return stream
    }
    void this.grow()
    return undefined
  }

  drain(): void {
    this.end()
    for (const { transport } of this.members) transport!.drain()
  }

  close(reason: string): void {
    this.end()
    for (const { transport } of [...this.alive]) transport!.close(reason)
  }

  // ── from its members ──

  onDraining(member: Member, reason: string): void {
    this.members = this.members.filter((other) => other !== member)
    if (this.members.length > 0 || this.ended) return
    this.end()
    this.listener.onDraining(reason)
  }

  onClosed(member: Member, error: Error | undefined): void {
    this.alive.delete(member)
    this.past.add(member.transport!.calls ?? noCalls)
    if (this.alive.size > 0) this.onDraining(member, error?.message ?? `${this.peer} closed the connection`)
    else {
      this.members = []
      this.end()
      this.listener.onClosed(error)
    }
  }

  // ── more of them, and fewer ──

  private end(): void {
    this.ended = true
    this.growing?.abort()
    this.backoffTimer?.cancel()
    this.idleTimer?.cancel()
  }

  /** Makes another connection, unless there are enough or one is being made. */
  private async grow(): Promise<void> {
    const { options, clock, connect, address, authority } = this.maker
    const enough = this.members.length >= options.most
    if (enough || this.ended || this.growing !== undefined || this.backoffTimer !== undefined) return
    const controller = new AbortController()
    const { signal } = controller
    this.growing = controller
    const timer = clock.after(options.connectTimeoutMs, () => controller.abort())
    const member = new Member(this.listener)
    try {
      member.transport = await connect(address, member, {
        clock,
        authority,
        signal,
        awaits: unheard,
        backsOffUntil: unheard,
      })
      if (!this.ended && member.lost === undefined) this.join(member)
      else member.transport.close("nobody waits for this connection any more")
    } catch {
      // The calls have the connections that there are: what is wrong with this one is nobody's end.
      if (!this.ended) this.backOff()
    } finally {
      timer.cancel()
      this.growing = undefined
    }
    this.listener.onCapacity()
  }

  private join(member: Member): void {
    this.backoff.reset()
    member.group = this
    this.members = [...this.members, member]
    this.alive.add(member)
    this.idleTimer ??= this.watchIdle()
  }

  private backOff(): void {
    this.backoffTimer = this.maker.clock.after(this.backoff.next(), () => {
      this.backoffTimer = undefined
      // A call that still waits asks for it again.
      this.listener.onCapacity()
    })
  }

  /** Gives up what has had no stream for a while, but for one. Calls fill the first connections first, so the last are idle. */
  private watchIdle(): Timer {
    return this.maker.clock.after(limits.surplusConnectionIdleMs, () => {
      const [, ...others] = this.members
      for (const member of others) {
        if (member.transport!.openStreams > 0) member.quiet = false
        else if (!member.quiet) member.quiet = true
        else {
          this.members = this.members.filter((other) => other !== member)
          member.transport!.drain()
        }
      }
      this.idleTimer = this.members.length > 1 && !this.ended ? this.watchIdle() : undefined
    })
  }
}

/** What an attempt says that nobody waits for by itself. */
const unheard = (): void => {}

/** What further connections are made of. */
interface Maker {
  readonly connect: ConnectTransport
  readonly options: ConnectionGroupOptions
  readonly address: Address
  readonly clock: ConnectAttempt["clock"]
  readonly authority: string
}

/** One connection of a group, which it belongs to once it is made. */
class Member implements TransportListener {
  transport: ClientTransport | undefined = undefined
  group: ConnectionGroup | undefined = undefined
  /** Why it takes no more streams. */
  lost: Error | undefined = undefined
  /** No stream has been open since it was looked at last. */
  quiet = false
  private readonly listener: TransportListener

  constructor(listener: TransportListener) {
    this.listener = listener
  }

  onCapacity(): void {
    this.listener.onCapacity()
  }

  onDraining(reason: string): void {
    this.lost = new Error(reason)
    this.group?.onDraining(this, reason)
  }

  onClosed(error: Error | undefined): void {
    this.lost ??= error ?? new Error("the server closed the connection")
    this.group?.onClosed(this, error)
  }
}

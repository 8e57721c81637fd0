import type { ClientTransport, TransportListener } from "../client/transport.js"
import type { Clock, Timer } from "../core/clock.js"
import { type Address, formatAddress } from "../transport/address.js"
import type { Backoff } from "./backoff.js"
import type { ConnectAttempt, ConnectTransport } from "./connection-attempt.js"
import { ConnectionLease } from "./connection-lease.js"

/** The connections of this process that channels share, by address and by all that makes them what they are. */
const pool = new Map<string, SharedConnection>()

/**
 * Makes connections that several channels share: one attempt, one backoff and one connection for all that ask for the same
 * address with the same key. Each channel has a lease of it, and hears and ends only what is its own.
 */
export function sharedConnections(
  connect: ConnectTransport,
  key: string,
  makeBackoff: () => Backoff,
): ConnectTransport {
  return (address, listener, attempt) => {
    const place = `${formatAddress(address)} ${attempt.authority} ${key}`
    let shared = pool.get(place)
    if (shared === undefined) {
      shared = new SharedConnection(connect, makeBackoff(), () => {
        if (pool.get(place) === shared) pool.delete(place)
      })
      pool.set(place, shared)
    }
    return shared.lease(address, listener, attempt)
  }
}

/**
 * One connection that is shared, from the first attempt to make it. It leaves the pool when it takes no more calls, when
 * the last lease is given back, and when nobody has tried again long after a failure.
 */
class SharedConnection implements TransportListener {
  private readonly connect: ConnectTransport
  private readonly backoff: Backoff
  private readonly leavePool: () => void
  private readonly leases = new Set<ConnectionLease>()
  /** Who waits for the attempt that runs. */
  private readonly waiting = new Set<ConnectAttempt>()
  private attempt: Promise<ClientTransport> | undefined = undefined
  private transport: ClientTransport | undefined = undefined
  private abortion = new AbortController()
  /** Why there is no connection, until `retryAt`. */
  private failure: unknown = undefined
  private retryAt = 0
  private forgetTimer: Timer | undefined = undefined
  private lost: Error | undefined = undefined

  constructor(connect: ConnectTransport, backoff: Backoff, leavePool: () => void) {
    this.connect = connect
    this.backoff = backoff
    this.leavePool = leavePool
  }

  async lease(address: Address, listener: TransportListener, attempt: ConnectAttempt): Promise<ClientTransport> {
    if (this.transport === undefined) await this.join(address, attempt)
    if (this.lost !== undefined) throw this.lost
    const lease = new ConnectionLease(this.transport!, listener, attempt.clock, () => this.onReleased(lease))
    this.leases.add(lease)
    return lease
  }

  // ── from the connection ──

  onCapacity(): void {
    for (const lease of [...this.leases]) lease.onCapacity()
  }

  onDraining(reason: string): void {
    this.lost ??= new Error(reason)
    this.leavePool()
    for (const lease of [...this.leases]) lease.onDraining(reason)
  }

  onClosed(error: Error | undefined): void {
    this.lost ??= error ?? new Error("the server closed the connection")
    this.leavePool()
    for (const lease of [...this.leases]) lease.onClosed(error)
    this.leases.clear()
  }

  // ── attempts ──

  /** Waits for the attempt that runs, or starts one; in a backoff it fails as the last one did. */
  private async join(address: Address, own: ConnectAttempt): Promise<void> {
    if (this.attempt === undefined && own.clock.now() < this.retryAt) {
      own.backsOffUntil(this.retryAt)
      throw this.failure
    }
    this.waiting.add(own)
    const leave = (): void => {
      this.waiting.delete(own)
      if (this.waiting.size === 0) this.abortion.abort()
    }
    own.signal.addEventListener("abort", leave, { once: true })
    try {
      this.attempt ??= this.make(address, own)
      await this.attempt
    } catch (error) {
      own.backsOffUntil(this.retryAt)
      throw error
    } finally {
      own.signal.removeEventListener("abort", leave)
      this.waiting.delete(own)
    }
  }

  private async make(address: Address, { clock, authority }: ConnectAttempt): Promise<ClientTransport> {
    const start = clock.now()
    this.forgetTimer?.cancel()
    this.abortion = new AbortController()
    this.lost = undefined
    const { signal } = this.abortion
    const backsOffUntil = (): void => {}
    const awaits = (what: string): void => {
      for (const one of this.waiting) one.awaits(what)
    }
    try {
      const transport = await this.connect(address, this, { clock, authority, signal, awaits, backsOffUntil })
      if (this.lost !== undefined) {
        transport.close("it takes no calls")
        throw this.lost
      }
      this.backoff.reset()
      this.transport = transport
      return transport
    } catch (error) {
      // One that nobody waited for to its end says nothing of the address.
      if (signal.aborted) this.leavePool()
      else this.backOff(error, start, clock)
      throw error
    } finally {
      this.attempt = undefined
    }
  }

  private backOff(error: unknown, start: number, clock: Clock): void {
    const wait = this.backoff.next()
    this.failure = error
    this.retryAt = Math.max(clock.now(), start + wait)
    // By then all that still want it have asked again.
    this.forgetTimer = clock.after(2 * wait, this.leavePool)
  }

  private onReleased(lease: ConnectionLease): void {
    this.leases.delete(lease)
    if (this.leases.size > 0) return
    this.leavePool()
    this.transport!.drain()
  }
}

import type { Clock } from "../core/clock.js"
import type { ConnectivityState } from "../core/connectivity.js"
import type { Address } from "../transport/address.js"
import type { Balancer, BalancerHost } from "./balancer.js"
import type { Picker } from "./picker.js"
import type { Subchannel, SubchannelListener } from "./subchannel.js"

/**
 * Replaces one balancing policy by another without a gap: as long as the old one is READY it places the calls, while the
 * new one connects; the new one takes over when it is READY too, or the old one no longer is.
 *
 *     current (READY) ── switchTo ──> current (READY) + pending ── pending is READY, or current is not ──> current
 *
 * gRPC's other implementations give way to a new policy that has failed as well; here calls go on over connections that
 * are good.
 */
export class BalancerSwitch implements Balancer {
  private readonly host: BalancerHost
  private current: Member | undefined = undefined
  private pending: Member | undefined = undefined

  constructor(host: BalancerHost) {
    this.host = host
  }

  /** The balancer that `make` makes takes over, at once or as soon as it can. */
  switchTo(make: (host: BalancerHost) => Balancer): void {
    const member = new Member(this.host, this)
    if (this.current?.state === "READY") {
      this.pending?.close()
      this.pending = member
    } else {
      this.close()
      this.current = member
    }
    member.run(make)
  }

  onAddresses(addresses: readonly Address[]): void {
    this.latest?.balancer?.onAddresses(addresses)
  }

  onResolverError(error: Error, retryAt: number): void {
    this.latest?.balancer?.onResolverError(error, retryAt)
  }

  exitIdle(): void {
    this.current?.balancer?.exitIdle()
  }

  close(): void {
    const { current, pending } = this
    this.current = this.pending = undefined
    current?.close()
    pending?.close()
  }

  /** For the members alone. */
  onUpdate(member: Member, picker: Picker): void {
    const { current, pending } = this
    if (pending?.picker === undefined) {
      if (member === current) this.host.update(member.state, picker)
    } else if (current!.state !== "READY" || pending.state === "READY" || pending.state === "IDLE") {
      // One that is idle waits for a call, so it has to be given one.
      this.takeOver(pending, pending.picker)
    } else if (member === current) this.host.update(member.state, picker)
  }

  private takeOver(pending: Member, picker: Picker): void {
    const old = this.current
    this.current = pending
    this.pending = undefined
    old?.close()
    this.host.update(pending.state, picker)
  }

  /** The one that is told of addresses. */
  private get latest(): Member | undefined {
    return this.pending ?? this.current
  }
}

/** A balancer between its maker and the channel. */
class Member implements BalancerHost {
  balancer: Balancer | undefined = undefined
  state: ConnectivityState = "CONNECTING"
  /** Its latest; `undefined`: it has said nothing yet. */
  picker: Picker | undefined = undefined
  private closed = false
  private readonly host: BalancerHost
  private readonly owner: BalancerSwitch

  constructor(host: BalancerHost, owner: BalancerSwitch) {
    this.host = host
    this.owner = owner
  }

  run(make: (host: BalancerHost) => Balancer): void {
    const balancer = make(this)
    if (this.closed) balancer.close()
    else this.balancer = balancer
  }

  close(): void {
    this.closed = true
    this.balancer?.close()
  }

  get clock(): Clock {
    return this.host.clock
  }

  createSubchannel(address: Address, listener: SubchannelListener, healthService?: string): Subchannel {
    return this.host.createSubchannel(address, listener, healthService)
  }

  update(state: ConnectivityState, picker: Picker): void {
    if (this.closed) return
    this.state = state
    this.picker = picker
    this.owner.onUpdate(this, picker)
  }

  resolve(): void {
    this.host.resolve()
  }

  random(): number {
    return this.host.random()
  }
}

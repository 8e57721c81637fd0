import type { ChannelCall } from "../client/transport.js"
import type { ConnectivityState } from "../core/connectivity.js"
import { isServersOwn } from "../core/servers-own.js"
import { StatusError } from "../core/status-error.js"
import type { Address } from "../transport/address.js"
import type { Balancer, BalancerHost, BalancingPolicy, BalancingPolicyOptions } from "./balancer.js"
import type { Picker } from "./picker.js"
import type { Subchannel } from "./subchannel.js"

/**
 * Runs a policy that is not one of ours: what it throws ends the calls that it was to place, with INTERNAL and the error
 * as their cause, and reaches neither the resolver nor the connection on whose behalf it was asked.
 */
export class GuardedBalancer implements Balancer {
  private readonly host: BalancerHost
  private readonly subchannels = new Set<Subchannel>()
  private policy: Balancer | undefined
  private broken: BrokenPicker | undefined = undefined
  private closed = false

  constructor(make: BalancingPolicy, host: BalancerHost, options: BalancingPolicyOptions) {
    this.host = host
    this.run(() => {
      this.policy = make(this.hostForPolicy(), options)
    })
  }

  onAddresses(addresses: readonly Address[]): void {
    this.run(() => this.policy?.onAddresses(addresses))
    if (this.broken !== undefined) this.host.update("TRANSIENT_FAILURE", this.broken)
  }

  onResolverError(error: Error, retryAt: number): void {
    this.run(() => this.policy?.onResolverError(error, retryAt))
  }

  exitIdle(): void {
    this.run(() => this.policy?.exitIdle())
  }

  close(): void {
    this.closed = true
    this.run(() => this.policy?.close())
    this.retireAll()
  }

  private hostForPolicy(): BalancerHost {
    const { host } = this
    return {
      clock: host.clock,
      random: () => host.random(),
      resolve: () => host.resolve(),
      createSubchannel: (address, listener, healthService) => {
        const guarded = { onState: (about: Subchannel) => this.run(() => listener.onState(about)) }
        const subchannel = host.createSubchannel(address, guarded, healthService)
        this.subchannels.add(subchannel)
        return subchannel
      },
      update: (state: ConnectivityState, picker: Picker) => {
        if (!this.closed && this.broken === undefined) host.update(state, new GuardedPicker(picker))
      },
    }
  }

  private run(step: () => void): void {
    if (this.broken !== undefined) return
    try {
      step()
    } catch (error) {
      this.broken = new BrokenPicker(error)
      this.policy = undefined
      this.retireAll()
      if (!this.closed) this.host.update("TRANSIENT_FAILURE", this.broken)
    }
  }

  private retireAll(): void {
    for (const subchannel of this.subchannels) subchannel.retire()
    this.subchannels.clear()
  }
}

/** What another's picker says, taken down once; a call that it fails to place ends. */
class GuardedPicker implements Picker {
  readonly failing: boolean
  readonly cause: Error | undefined
  private readonly picker: Picker

  constructor(picker: Picker) {
    this.picker = picker
    this.failing = picker.failing
    this.cause = picker.cause
  }

  place(call: ChannelCall): boolean {
    try {
      return this.picker.place(call)
    } catch (error) {
      return new BrokenPicker(error).place(call)
    }
  }

  describe(now: number): string {
    try {
      return this.picker.describe(now)
    } catch (error) {
      return textOf(error)
    }
  }
}

class BrokenPicker implements Picker {
  /** It fails the calls itself, those too that wait for ready: UNAVAILABLE would say that time may help. */
  readonly failing = false
  readonly cause: Error

  constructor(error: unknown) {
    this.cause = error instanceof Error ? error : new Error(String(error))
  }

  place(call: ChannelCall): boolean {
    const { cause } = this
    call.fail(
      cause instanceof StatusError && !isServersOwn(cause)
        ? cause
        : new StatusError("INTERNAL", textOf(cause), { cause, reason: "FARCALL_BALANCER_FAILED" }),
    )
    return true
  }

  describe(_now: number): string {
    return textOf(this.cause)
  }
}

function textOf(error: unknown): string {
  return `the balancing policy failed: ${error instanceof Error ? error.message : String(error)}`
}

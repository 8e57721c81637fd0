import type { Balancing } from "../client/service-config.js"
import type { Clock } from "../core/clock.js"
import type { ConnectivityState } from "../core/connectivity.js"
import type { Address } from "../transport/address.js"
import type { Picker } from "./picker.js"
import type { Subchannel, SubchannelListener } from "./subchannel.js"

/** A policy that decides which addresses to connect to, and which connection each call takes. */
export interface Balancer {
  /** The addresses found, at least one; they replace those before. */
  onAddresses(addresses: readonly Address[]): void
  /** No addresses were found, and they are looked for again at `retryAt`. Matters only to one that has none yet. */
  onResolverError(error: Error, retryAt: number): void
  /** A call waits, or someone asked for connections: an idle balancer begins to connect. */
  exitIdle(): void
  /** Gives its connections up: what runs on them goes on, attempts end. It tells its host nothing more. */
  close(): void
}

/** What a balancer may ask of its channel. */
export interface BalancerHost {
  readonly clock: Clock
  /** @param healthService the service whose health is to be watched */
  createSubchannel(address: Address, listener: SubchannelListener, healthService?: string): Subchannel
  /** Replaces the channel's state and picker. May come back with `exitIdle`, so it is the last thing that is done. */
  update(state: ConnectivityState, picker: Picker): void
  /** The addresses known do not serve: asks for new ones. */
  resolve(): void
  /** From 0 up to 1. */
  random(): number
}

/**
 * A balancing policy of one's own, for the option `balancing`: makes a balancer for a channel, whenever the channel leaves
 * IDLE. What it or its parts throw ends the calls concerned INTERNAL.
 */
export type BalancingPolicy = (host: BalancerHost, options: BalancingPolicyOptions) => Balancer

/** What a channel tells the policy that it makes. */
export interface BalancingPolicyOptions {
  /** The service whose health the service config has watched: for `host.createSubchannel`. */
  readonly healthService?: string | undefined
}

/** @param config the policy and its parameters, as the service config has them */
export type BalancerFactory = (host: BalancerHost, config: Balancing) => Balancer

import type { FoundServiceConfig } from "../client/service-config.js"
import type { Clock } from "../core/clock.js"
import type { Address } from "../transport/address.js"

/** A target that was understood: what its calls are addressed to, and how its addresses are found. */
export interface NameSource {
  /** `:authority` of calls to it (gRPC A41). */
  readonly authority: string
  /** All it can lead to is on this machine. */
  readonly local: boolean
  /** What it finds may include a service config: calls wait for it. */
  readonly findsServiceConfig?: boolean | undefined
  /** Makes a resolver that tells `listener` what it finds, once it is asked to `resolve`. */
  open(listener: ResolverListener, clock: Clock): Resolver
}

/**
 * Understands the targets of one scheme.
 * @throws what is wrong with the target, for who creates the channel
 */
export type NameScheme = (target: TargetParts) => NameSource

/** `scheme://authority/endpoint` or `scheme:endpoint`, taken apart. */
export interface TargetParts {
  /** All of it, as it was given. */
  readonly target: string
  readonly authority: string
  readonly endpoint: string
}

/** Finds the addresses behind a name, again and again. */
export interface Resolver {
  /**
   * The first time: asks for the addresses. Later: those known no longer serve, so look again; how soon is the
   * resolver's to say, and it may know that nothing changes and do nothing. May answer before it returns.
   */
  resolve(): void
  /** What it is doing, for the text of errors: `looking up "example.com"`. */
  describe(): string
  /** The listener hears nothing more. */
  close(): void
}

/** What a resolver tells its channel. */
export interface ResolverListener {
  /**
   * All addresses, in the order in which they are to be tried; they replace the ones before.
   * @param serviceConfig how calls to them are to be made, when the name says
   */
  onAddresses(addresses: readonly Address[], serviceConfig?: FoundServiceConfig): void
  /** None were found; the resolver tries again by itself, at `retryAt` by its clock. */
  onError(error: Error, retryAt: number): void
}

import type { Clock } from "../core/clock.js"
import type { Address } from "../transport/address.js"
import type { NameSource, Resolver, ResolverListener } from "./resolver.js"

/** A name whose addresses are known from the start and never change. */
export function staticName(addresses: readonly Address[], authority: string, local: boolean): NameSource {
  return {
    authority,
    local,
    open: (listener: ResolverListener, _clock: Clock): Resolver => new StaticResolver(addresses, listener),
  }
}

/** A unix socket; its authority is `localhost` (gRPC A41, as in every other implementation). */
export function unixName(path: string): NameSource {
  return staticName([{ kind: "unix", path }], "localhost", true)
}

class StaticResolver implements Resolver {
  private readonly addresses: readonly Address[]
  private listener: ResolverListener | undefined

  constructor(addresses: readonly Address[], listener: ResolverListener) {
    this.addresses = addresses
    this.listener = listener
  }

  resolve(): void {
    const listener = this.listener
    this.listener = undefined
    listener?.onAddresses(this.addresses)
  }

  describe(): string {
    return "the addresses are part of the target"
  }

  close(): void {
    this.listener = undefined
  }
}

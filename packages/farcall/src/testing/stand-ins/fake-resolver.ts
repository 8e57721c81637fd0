import { isIP } from "node:net"
import type { FoundServiceConfig } from "../../client/service-config.js"
import type { Clock } from "../../core/clock.js"
import type { NameScheme, Resolver, ResolverListener } from "../../resolve/resolver.js"
import type { ListenAddress } from "../../server/listener.js"
import { type Address, isLoopbackHost, splitHostPort } from "../../transport/address.js"

/** A resolver that finds what a test says, when the test says so, for every channel that has its scheme. */
export interface FakeResolver {
  /** The scheme of its names: `createChannel("fake:///backends", { schemes: { fake: names.scheme } })`. */
  readonly scheme: NameScheme
  /**
   * These addresses there are from now on: `"127.0.0.1:50051"`, `"unix:/run/x.sock"`, or what `listen` has returned.
   * Calls that wait for a connection go on; those that run are not touched.
   * @param serviceConfig what is found with them; left out, none is, and an earlier one is in force no more
   * @throws TypeError for an address that cannot be read, or is not on this machine
   */
  push(addresses: readonly (string | Address | ListenAddress)[], serviceConfig?: FoundServiceConfig): void
  /**
   * None can be found. Channels that have addresses keep them.
   * @param retryInMs after how long it is said to be tried again; only the test does so. Default 0
   */
  fail(error: Error, retryInMs?: number): void
  /** How often channels have asked: each once when it begins to connect, and again when its connections are lost. */
  readonly asked: number
  /** The channels that are listening now, by their targets. */
  readonly listening: readonly string[]
}

/** Makes a resolver that has found nothing yet: calls wait. */
export function fakeResolver(): FakeResolver {
  return new Names()
}

class Names implements FakeResolver {
  asked = 0
  private readonly channels: Set<FakeName> = new Set()
  /** What was found last, said again to a channel that comes later. */
  private found: ((name: FakeName) => void) | undefined = undefined

  get scheme(): NameScheme {
    return ({ target, endpoint }) => ({
      authority: endpoint === "" ? "localhost" : endpoint,
      local: true,
      findsServiceConfig: true,
      open: (listener, clock) => {
        const name = new FakeName(target, listener, clock, {
          onAsked: (first) => {
            this.asked++
            if (first) this.found?.(name)
          },
          onClosed: () => this.channels.delete(name),
        })
        this.channels.add(name)
        return name
      },
    })
  }

  get listening(): readonly string[] {
    return [...this.channels].map(({ target }) => target)
  }

  push(addresses: readonly (string | Address | ListenAddress)[], serviceConfig?: FoundServiceConfig): void {
    const found = addresses.map(addressOf)
    this.tell((name) => name.listener.onAddresses(found, serviceConfig))
  }

  fail(error: Error, retryInMs = 0): void {
    this.tell((name) => name.listener.onError(error, name.clock.now() + retryInMs))
  }

  private tell(found: (name: FakeName) => void): void {
    this.found = found
    for (const name of [...this.channels]) if (name.hasAsked) found(name)
  }
}

/** One channel's name. */
class FakeName implements Resolver {
  readonly target: string
  readonly listener: ResolverListener
  readonly clock: Clock
  hasAsked = false
  private readonly owner: { onAsked(first: boolean): void; onClosed(): void }

  constructor(
    target: string,
    listener: ResolverListener,
    clock: Clock,
    owner: { onAsked(first: boolean): void; onClosed(): void },
  ) {
    this.target = target
    this.listener = listener
    this.clock = clock
    this.owner = owner
  }

  resolve(): void {
    const first = !this.hasAsked
    this.hasAsked = true
    this.owner.onAsked(first)
  }

  describe(): string {
    return "the test has pushed no addresses yet"
  }

  close(): void {
    this.owner.onClosed()
  }
}

function addressOf(given: string | Address | ListenAddress): Address {
  if (typeof given === "object" && "kind" in given) return given
  const text = String(given)
  if (text.startsWith("unix:")) return { kind: "unix", path: text.slice("unix:".length) }
  const at = splitHostPort(text)
  if (at === undefined || at.port === undefined || (isIP(at.host) === 0 && at.host !== "localhost")) {
    throw new TypeError(
      `fakeResolver: ${JSON.stringify(text)} is no address; they are 127.0.0.1:50051 and unix:/run/x.sock`,
    )
  }
  if (!isLoopbackHost(at.host)) throw new TypeError(`fakeResolver: ${text} is not on this machine`)
  return { kind: "tcp", host: at.host === "localhost" ? "127.0.0.1" : at.host, port: at.port }
}

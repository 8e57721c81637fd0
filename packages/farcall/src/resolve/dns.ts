import { lookup as lookupAddresses } from "node:dns/promises"
import { Backoff } from "../balance/backoff.js"
import type { FoundServiceConfig } from "../client/service-config.js"
import type { Clock, Timer } from "../core/clock.js"
import { withReason } from "../core/reason.js"
import { type Address, type HostPort, isLoopbackHost } from "../transport/address.js"
import { ipFamily } from "../transport/ip-family.js"
import {
  type Chooser,
  chooserOf,
  lookupServiceConfig,
  systemTextLookup,
  type TextLookup,
} from "./dns-service-config.js"
import type { NameSource, Resolver, ResolverListener } from "./resolver.js"
import { staticName } from "./static.js"

/** Finds all IP addresses of a host name, in the order in which they are to be tried; rejects when there are none. */
export type Lookup = (host: string) => Promise<readonly { readonly address: string }[]>

export interface DnsOptions {
  /** The system's own `getaddrinfo` when left out. */
  readonly lookup?: Lookup | undefined
  /** The least time between two look-ups, in milliseconds. Default 30,000, as in grpc-go. */
  readonly minIntervalMs?: number | undefined
  /** How long a look-up may take, in milliseconds. Default 20,000. */
  readonly timeoutMs?: number | undefined
  /** Whether the name's service config is looked up as well, in TXT records (gRPC A2). Default false. */
  readonly serviceConfig?: boolean | undefined
  /** Of TXT records. The system's DNS servers when left out. */
  readonly textLookup?: TextLookup | undefined
  readonly random?: (() => number) | undefined
}

/**
 * A host name, looked up in DNS, or an IP address, which is none to look up.
 * @param endpoint the text of `at`, which is the authority as it was given (gRPC A41)
 * @param at the same taken apart; without a port: 443, as gRPC's naming document has it
 */
export function dnsName(endpoint: string, at: HostPort, options: DnsOptions = {}): NameSource {
  const local = isLoopbackHost(at.host)
  const port = at.port ?? 443
  if (ipFamily(at.host) !== 0) return staticName([{ kind: "tcp", host: at.host, port }], endpoint, local)
  return {
    authority: endpoint,
    local,
    findsServiceConfig: options.serviceConfig === true,
    open: (listener: ResolverListener, clock: Clock): Resolver =>
      new DnsResolver(at.host, port, listener, clock, options),
  }
}

const systemLookup: Lookup = (host) => lookupAddresses(host, { all: true, verbatim: true })

class DnsResolver implements Resolver {
  private readonly host: string
  private readonly port: number
  private readonly listener: ResolverListener
  private readonly clock: Clock
  private readonly lookup: Lookup
  /** `undefined`: no service config is looked for. */
  private readonly textLookup: TextLookup | undefined
  private readonly chooser: Chooser
  private readonly minIntervalMs: number
  private readonly timeoutMs: number
  private readonly backoff: Backoff
  /** The look-up under way; an answer to any other is late and ignored. */
  private current: object | undefined = undefined
  /** Ends the look-up under way, or starts the next one. */
  private timer: Timer | undefined = undefined
  private earliest = Number.NEGATIVE_INFINITY
  private closed = false

  constructor(host: string, port: number, listener: ResolverListener, clock: Clock, options: DnsOptions) {
    this.host = host
    this.port = port
    this.listener = listener
    this.clock = clock
    this.lookup = options.lookup ?? systemLookup
    this.textLookup = options.serviceConfig === true ? (options.textLookup ?? systemTextLookup) : undefined
    this.chooser = chooserOf(options.random ?? Math.random)
    this.minIntervalMs = options.minIntervalMs ?? 30_000
    this.timeoutMs = options.timeoutMs ?? 20_000
    this.backoff = new Backoff({}, options.random)
  }

  resolve(): void {
    // With a timer running, a look-up is under way or is going to be.
    if (this.closed || this.timer !== undefined) return
    const wait = this.earliest - this.clock.now()
    if (wait > 0) this.schedule(wait)
    else void this.ask()
  }

  describe(): string {
    return `looking up ${JSON.stringify(this.host)}`
  }

  close(): void {
    this.closed = true
    this.current = undefined
    this.timer?.cancel()
  }

  private schedule(ms: number): void {
    this.timer = this.clock.after(ms, () => void this.ask())
  }

  private async ask(): Promise<void> {
    const current = {}
    this.current = current
    const started = this.clock.now()
    this.timer = this.clock.after(this.timeoutMs, () => {
      this.failed(
        started,
        withReason("FARCALL_NAME_NOT_FOUND", new Error(`${this.describe()} took more than ${this.timeoutMs} ms`)),
      )
    })
    let found: readonly { readonly address: string }[]
    let config: FoundServiceConfig | undefined
    try {
      const { host, textLookup, chooser } = this
      const finding = this.lookup(host)
      // Nobody waits for the addresses while the other is under way, and they may fail first.
      finding.catch(() => {})
      if (textLookup !== undefined) config = await lookupServiceConfig(host, textLookup, chooser)
      found = await finding
    } catch (error) {
      if (this.current === current) this.failed(started, error instanceof Error ? error : new Error(String(error)))
      return
    }
    if (this.current !== current) return
    if (found.length === 0)
      this.failed(
        started,
        withReason("FARCALL_NAME_NOT_FOUND", new Error(`${JSON.stringify(this.host)} has no addresses`)),
      )
    else this.succeeded(started, found, config)
  }

  private succeeded(
    started: number,
    found: readonly { readonly address: string }[],
    config: FoundServiceConfig | undefined,
  ): void {
    this.finish()
    this.backoff.reset()
    this.earliest = started + this.minIntervalMs
    const addresses = found.map(({ address }): Address => ({ kind: "tcp", host: address, port: this.port }))
    this.listener.onAddresses(addresses, config)
  }

  private failed(started: number, error: Error): void {
    this.finish()
    const retryAt = Math.max(this.clock.now(), started + this.backoff.next())
    this.schedule(retryAt - this.clock.now())
    this.listener.onError(error, retryAt)
  }

  private finish(): void {
    this.current = undefined
    this.timer?.cancel()
    this.timer = undefined
  }
}

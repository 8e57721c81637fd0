import { Backoff } from "../balance/backoff.js"
import type { BalancerHost, BalancingPolicy } from "../balance/balancer.js"
import { BalancerSwitch } from "../balance/balancer-switch.js"
import type { ConnectTransport } from "../balance/connection-attempt.js"
import { connectionGroups } from "../balance/connection-group.js"
import { type Picker, WaitingPicker } from "../balance/picker.js"
import { makeBalancer, ownPolicy } from "../balance/policies.js"
import { sharedConnections } from "../balance/shared-connections.js"
import { Subchannel, type SubchannelContext, type SubchannelListener } from "../balance/subchannel.js"
import { toldAttempts } from "../balance/told-attempts.js"
import { CallCounts } from "../core/call-counts.js"
import { type Clock, systemClock } from "../core/clock.js"
import type { ConnectivityState } from "../core/connectivity.js"
import { Entity } from "../core/entity.js"
import { checkOptions } from "../core/known-options.js"
import { withReason } from "../core/reason.js"
import { type ChannelView, liveChannels } from "../core/registry.js"
import { showAs } from "../core/shown-as.js"
import { StatusError } from "../core/status-error.js"
import { type Tracers, tracersOption } from "../core/tracers.js"
import type { NameSource, Resolver, ResolverListener } from "../resolve/resolver.js"
import { type Address, formatAddress } from "../transport/address.js"
import {
  callCredentialsOf,
  checkCredentials,
  impliedAuthority,
  transportCredentials,
} from "../transport/credentials.js"
import type { AppliedConfig } from "./applied-config.js"
import { type AuthorizingHost, CallAuthorizer } from "./call-authorizer.js"
import { ChannelEvents } from "./channel-events.js"
import { type ChannelOptions, checkChannelOptions, configChoice, positiveOption } from "./channel-options.js"
import type { ConfigChoice } from "./config-choice.js"
import { IdleWatch } from "./idle-watch.js"
import { RetryResources } from "./retry-resources.js"
import { type Balancing, type FoundServiceConfig, sameBalancing } from "./service-config.js"
import { StateWatch, type WaitOptions, waitOptions } from "./state-watch.js"
import type { Channel, ChannelCall, ClientTransport } from "./transport.js"
import { type Placing, restart, WaitingCalls } from "./waiting-calls.js"

/** A channel that makes its own connections. */
export interface ConnectingChannel extends Channel {
  /** Connects now, rather than when the first call needs it; a channel that is not IDLE is at it already. */
  connect(): void
  /**
   * Connects, if need be, and resolves when the channel is READY.
   * @throws StatusError DEADLINE_EXCEEDED when `timeoutMs` are over, CANCELLED by the signal, UNAVAILABLE when the channel is
   *   closed; each says what was waited for, with the last error met
   */
  waitForReady(options?: WaitOptions): Promise<void>
  /**
   * The state there is, then each that follows, to SHUTDOWN; states that pass while nobody takes them are left out.
   * Watching connects nothing.
   * @throws StatusError CANCELLED by the signal
   */
  watchState(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterableIterator<ConnectivityState>
}

/** What a channel is made of. */
export interface ChannelParts {
  /** The target, understood. */
  readonly name: NameSource
  readonly connect: ConnectTransport
  /**
   * Channels that share connections do so where this is the same, and the address, and the authority; left out: nothing is
   * shared.
   */
  readonly connectionKey?: string | undefined
  /** From 0 up to 1, for jitter; `Math.random` when left out. */
  readonly random?: (() => number) | undefined
}

/**
 * A channel to a name of one's own, over connections of one's own: in memory, for instance.
 * @throws TypeError or RangeError when an option is not what its description says.
 */
export function createChannelWith(
  target: string,
  parts: ChannelParts,
  options: ChannelOptions = {},
): ConnectingChannel {
  checkChannelOptions(options)
  checkCredentials("createChannel", target, parts.name.local, transportCredentials(options.credentials))
  return new BalancedChannel(target, parts, options)
}

const channelClosed = { reason: "FARCALL_CHANNEL_CLOSED" } as const

const idlePicker: Picker = new WaitingPicker("nothing has asked for one yet")

/**
 * Finds connections for calls: a resolver finds addresses, a balancer connects to them by subchannels, and its latest
 * picker places each call on a connection that is ready. Calls that cannot be placed wait in one queue, in order.
 *
 * Resolver and balancer live from the first call (or `connect`) until there have been no calls for long, or the channel
 * is closed; without them it is IDLE.
 */
class BalancedChannel
  implements ConnectingChannel, BalancerHost, ResolverListener, AuthorizingHost, Placing, ChannelView
{
  readonly target: string
  readonly authority: string
  readonly clock: Clock
  readonly entity: Entity
  readonly calls: CallCounts = new CallCounts()
  readonly subchannels: Set<Subchannel> = new Set()
  readonly maxConnectionsPerAddress: number
  readonly random: () => number
  config: AppliedConfig | undefined
  readonly tracers: Tracers
  readonly retries: RetryResources
  /** The latest. */
  picker: Picker = idlePicker
  private readonly waiting: WaitingCalls
  private readonly maxQueuedCalls: number
  private current: ConnectivityState = "IDLE"
  private readonly watch = new StateWatch()
  private readonly events: ChannelEvents
  private readonly name: NameSource
  /** The policy that is the user's own. */
  private readonly policy: BalancingPolicy | undefined
  /** What `balancer` was last switched to. */
  private balancing: Balancing | undefined = undefined
  private readonly configs: ConfigChoice
  /** Calls wait for the service config that comes with the first addresses. */
  private configPending: boolean
  private readonly authorizer: CallAuthorizer
  private readonly subchannelContext: SubchannelContext
  private resolver: Resolver | undefined = undefined
  private balancer: BalancerSwitch | undefined = undefined
  private readonly idleness: IdleWatch
  /** Every connection that is not closed yet, those too that take no more calls. */
  private readonly transports = new Set<ClientTransport>()
  private closing: Promise<void> | undefined = undefined
  private released: (() => void) | undefined = undefined

  constructor(target: string, { name, connect, connectionKey: key, random }: ChannelParts, options: ChannelOptions) {
    this.policy = ownPolicy(options.balancing)
    this.target = target
    this.name = name
    this.authority = options.authority ?? impliedAuthority(options.credentials) ?? name.authority
    this.clock = options.clock ?? systemClock
    this.entity = new Entity(this.clock)
    this.events = new ChannelEvents(this.entity, target)
    this.random = random ?? Math.random
    this.tracers = tracersOption("createChannel", options.tracers)
    this.retries = new RetryResources(
      positiveOption(options, "maxRetryBytesPerCall"),
      positiveOption(options, "maxRetryBytesPerChannel"),
      this.random,
    )
    this.configs = configChoice(options)
    this.configPending = name.findsServiceConfig === true
    this.config = this.configPending ? undefined : this.configs.current
    this.maxQueuedCalls = positiveOption(options, "maxQueuedCalls")
    this.waiting = new WaitingCalls(this.clock, this)
    this.idleness = new IdleWatch(
      this.clock,
      positiveOption(options, "idleTimeoutMs"),
      () => this.waiting.size > 0,
      () => this.enterIdle(),
    )
    this.authorizer = new CallAuthorizer(callCredentialsOf(options.credentials), this)
    const most = positiveOption(options, "maxConnectionsPerAddress")
    this.maxConnectionsPerAddress = most
    const connectTimeoutMs = positiveOption(options, "connectTimeoutMs")
    const makeBackoff = (): Backoff => new Backoff(options.backoff, this.random)
    const told = toldAttempts(connect, this.entity.id, target)
    const several = most === 1 ? told : connectionGroups(told, { most, connectTimeoutMs, makeBackoff })
    this.subchannelContext = {
      channelId: this.entity.id,
      clock: this.clock,
      authority: this.authority,
      connect: key === undefined ? several : sharedConnections(several, key, makeBackoff),
      connectTimeoutMs,
      makeBackoff,
      onTransportOpen: (transport) => this.transports.add(transport),
      onTransportClosed: (transport) => this.forget(transport),
      onSubchannelGone: (subchannel) => this.subchannels.delete(subchannel),
      onCapacity: () => this.waiting.settle(),
      beginOn: (call, transport) => this.authorizer.beginOn(call, transport),
    }
    // What is wrong with the backoff's options is to be known now, not at the first attempt.
    makeBackoff()
    liveChannels.add(this)
  }

  static {
    showAs<BalancedChannel>(BalancedChannel.prototype, "Channel", ({ target, state, lastError }) => ({
      target,
      state,
      ...(lastError !== undefined && { lastError: lastError.message }),
    }))
  }

  get state(): ConnectivityState {
    return this.current
  }

  start(call: ChannelCall): void {
    this.place(this.authorizer.standIn(call))
  }

  place(call: ChannelCall): void {
    this.idleness.stir()
    // A call does not overtake those that wait.
    if (this.waiting.size === 0 && this.picker.place(call)) return
    this.wait(call)
  }

  withdraw(call: ChannelCall): void {
    this.waiting.remove(this.authorizer.end(call))
  }

  get lastError(): Error | undefined {
    return this.picker.cause
  }

  describeWait(call?: ChannelCall): string {
    if (this.authorizer.isAsking(call)) return "waiting for its call credentials"
    if (this.current === "SHUTDOWN") return `the channel to ${this.target} is closed`
    const what = this.current === "READY" ? "room on" : "a connection to"
    return `waiting for ${what} ${this.target}: ${this.picker.describe(this.clock.now())}`
  }

  connect(): void {
    this.idleness.stir()
    if (this.current === "IDLE") this.exitIdle()
  }

  async waitForReady(options: WaitOptions = {}): Promise<void> {
    checkOptions("waitForReady", options, waitOptions)
    this.connect()
    return this.watch.ready(options, this.clock, this)
  }

  watchState(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<ConnectivityState> {
    return this.watch.states(options.signal)
  }

  close(): Promise<void> {
    if (this.closing === undefined) {
      this.closing = new Promise((resolve) => {
        this.released = resolve
      })
      this.shutDown()
    }
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  onAddresses(addresses: readonly Address[], serviceConfig?: FoundServiceConfig): void {
    const invalid = this.configs.update(serviceConfig)
    if (invalid !== undefined) {
      // gRPC A21: as if nothing had been found.
      this.onError(
        withReason(
          "FARCALL_BAD_SERVICE_CONFIG",
          new Error(`the service config of ${this.target} is wrong: ${invalid.message}`),
        ),
        this.clock.now(),
      )
      this.resolver?.resolve()
      return
    }
    this.config = this.configs.current
    this.events.addresses(addresses.map(formatAddress), serviceConfig !== undefined)
    if (!sameBalancing(this.balancing, this.configs.balancing)) this.switchBalancing()
    this.balancer?.onAddresses(addresses)
    if (!this.configPending) return
    this.configPending = false
    if (this.config !== undefined) for (const call of this.waiting.take(() => true)) restart(call, this)
  }

  onError(error: Error, retryAt: number): void {
    this.events.noAddresses(error)
    this.balancer?.onResolverError(error, retryAt)
  }

  createSubchannel(address: Address, listener: SubchannelListener, healthService?: string): Subchannel {
    const subchannel = new Subchannel(address, listener, this.subchannelContext, healthService)
    this.subchannels.add(subchannel)
    this.events.subchannel(subchannel.name, subchannel.entity)
    return subchannel
  }

  update(state: ConnectivityState, picker: Picker): void {
    if (this.current === "SHUTDOWN") return
    if (state !== this.current) {
      this.events.state(this.current, state, picker.failing ? picker.describe(this.clock.now()) : undefined)
    }
    this.current = state
    this.picker = picker
    this.waiting.settle()
    this.watch.set(this.current)
    // A call that waits is a reason to connect, whenever it came.
    if (this.current === "IDLE" && this.waiting.size > 0) this.exitIdle()
  }

  resolve(): void {
    this.resolver?.resolve()
  }

  private switchBalancing(): void {
    const { balancing } = this.configs
    this.balancing = balancing
    this.events.policy(balancing.policy)
    this.balancer?.switchTo((host) => makeBalancer(balancing, this.policy, host))
  }

  /** What becomes of a call that could not be placed at once. */
  private wait(call: ChannelCall): void {
    if (this.current === "SHUTDOWN") {
      call.fail(new StatusError("UNAVAILABLE", `the channel to ${this.target} is closed`, channelClosed))
    } else if (this.picker.failing && !call.waitForReady) {
      call.fail(this.noConnection())
    } else if (this.waiting.size >= this.maxQueuedCalls) {
      const { size } = this.waiting
      const others = `${size} calls are ${this.describeWait()}`
      call.fail(
        new StatusError("RESOURCE_EXHAUSTED", `${others}; the limit is ${this.maxQueuedCalls} (maxQueuedCalls)`, {
          reason: "FARCALL_TOO_MANY_CALLS",
        }),
      )
    } else {
      this.waiting.push(call)
      if (this.current === "IDLE") this.exitIdle()
    }
  }

  noConnection(): StatusError {
    const { cause } = this.picker
    return new StatusError(
      "UNAVAILABLE",
      `no connection to ${this.target}: ${this.picker.describe(this.clock.now())}`,
      {
        cause,
        reason: "FARCALL_NO_CONNECTION",
      },
    )
  }

  private exitIdle(): void {
    if (this.balancer !== undefined) {
      this.balancer.exitIdle()
      return
    }
    this.balancer = new BalancerSwitch(this)
    this.switchBalancing()
    this.resolver = this.name.open(this, this.clock)
    this.idleness.start()
    this.update("CONNECTING", new WaitingPicker(this.resolver.describe()))
    this.resolve()
  }

  private enterIdle(): void {
    this.letGo()
    this.update("IDLE", idlePicker)
  }

  /** Gives up all connections, and those who made them; running calls go on. */
  private letGo(): void {
    this.idleness.stop()
    this.resolver?.close()
    this.balancer?.close()
    this.resolver = undefined
    this.balancer = undefined
  }

  private shutDown(): void {
    const waiting = this.describeWait()
    this.events.state(this.current, "SHUTDOWN", undefined)
    this.current = "SHUTDOWN"
    this.picker = idlePicker
    this.watch.set("SHUTDOWN")
    this.letGo()
    for (const transport of [...this.transports]) transport.close(`the channel to ${this.target} was closed`)
    this.releaseWhenEmpty()
    for (const call of this.waiting.take(() => true)) {
      call.fail(new StatusError("CANCELLED", `the channel was closed while the call was ${waiting}`, channelClosed))
    }
    this.authorizer.failAsking(
      new StatusError(
        "CANCELLED",
        "the channel was closed while the call was waiting for its call credentials",
        channelClosed,
      ),
    )
    for (const call of this.retries.waiting) {
      call.onChannelClosed(new StatusError("CANCELLED", `the channel to ${this.target} was closed`, channelClosed))
    }
  }

  private forget(transport: ClientTransport): void {
    this.transports.delete(transport)
    this.releaseWhenEmpty()
  }

  private releaseWhenEmpty(): void {
    if (this.released === undefined || this.transports.size > 0) return
    liveChannels.delete(this)
    this.released()
  }
}

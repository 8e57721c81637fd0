import type { KnownOptions } from "../core/known-options.js"
import { limits } from "../core/limits.js"
import { optionOutOfRange } from "../core/reason.js"
import { type KeepaliveOptions, type KeepaliveTimes, keepaliveOptions } from "./keepalive.js"

/** What a channel's connections do to find out whether their server is still there (gRPC A8). Off by default. */
export interface ChannelKeepaliveOptions extends KeepaliveOptions {
  /**
   * Whether connections without calls are watched as well. Default false; a server has to allow it, and by default none
   * does more often than once in two hours.
   */
  readonly withoutCalls?: boolean | undefined
}

export const channelKeepaliveOptions: KnownOptions<ChannelKeepaliveOptions> = {
  ...keepaliveOptions,
  withoutCalls: "boolean",
}

/**
 * A channel's keepalive, one for all of its connections: a server that says `too_many_pings` is asked half as often from
 * then on (A8, checklist point 44).
 */
export class ChannelKeepalive implements KeepaliveTimes {
  timeMs: number
  readonly timeoutMs: number
  readonly withoutCalls: boolean

  /** @throws RangeError for a time under 10 s, or a timeout that is not above 0 */
  constructor(options: ChannelKeepaliveOptions) {
    this.timeMs = options.timeMs ?? Number.POSITIVE_INFINITY
    this.timeoutMs = options.timeoutMs ?? limits.keepaliveTimeoutMs
    this.withoutCalls = options.withoutCalls === true
    if (!(this.timeMs >= leastTimeMs))
      throw optionOutOfRange(`createChannel: keepalive.timeMs is ${this.timeMs}, and must be at least ${leastTimeMs}`)
    if (!(this.timeoutMs > 0))
      throw optionOutOfRange(`createChannel: keepalive.timeoutMs is ${this.timeoutMs}, and must be above 0`)
  }

  /** Whether connections are watched at all. */
  get on(): boolean {
    return this.timeMs !== Number.POSITIVE_INFINITY
  }

  /** A server has had enough. */
  slowDown(): void {
    this.timeMs *= 2
  }
}

/** What servers of gRPC close a connection with that pings too often, beside ENHANCE_YOUR_CALM. */
export const tooManyPings = "too_many_pings"

const leastTimeMs = 10_000

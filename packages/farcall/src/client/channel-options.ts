import type { Limits } from "@farcall/http2"
import type { BackoffOptions } from "../balance/backoff.js"
import type { Clock } from "../core/clock.js"
import type { Credentials } from "../transport/credentials.js"
import type { Http2ClientOptions } from "../transport/http2-client.js"

export interface ChannelOptions {
  /** Needed where the target is not on this machine; `insecure()` says that plaintext is meant. */
  readonly credentials?: Credentials | undefined
  /** `:authority` of all calls, in place of the one that the target gives. */
  readonly authority?: string | undefined
  /** `"pick_first"` (the default): one connection; `"round_robin"`: one to each address, and calls to each in turn. */
  readonly balancing?: "pick_first" | "round_robin" | undefined
  /** How long to wait after failures to connect. */
  readonly backoff?: BackoffOptions | undefined
  /** How long one attempt to connect may take, in milliseconds. Default 20,000. */
  readonly connectTimeoutMs?: number | undefined
  /**
   * After how long without a new call the connections are given up, in milliseconds; calls that are running go on to
   * their end. It is found out up to a quarter later. Default 1,800,000 (30 minutes); `Infinity`: never.
   */
  readonly idleTimeoutMs?: number | undefined
  /** How many calls may wait for a connection or for room on one. Default 100,000. */
  readonly maxQueuedCalls?: number | undefined
  /** Goes before `grpc-farcall/…` in the `user-agent` of its calls. */
  readonly userAgent?: string | undefined
  /** Bytes of the longest response message that is taken. Default 4,194,304 (4 MiB). */
  readonly maxReceiveMessageLength?: number | undefined
  /** Bytes of the longest request message that is sent. Default 2³¹−1. */
  readonly maxSendMessageLength?: number | undefined
  /** Limits of HTTP/2, over the defaults of `@farcall/http2`. */
  readonly http2?: Partial<Limits> | undefined
  readonly clock?: Clock | undefined
}

export const channelDefaults = {
  connectTimeoutMs: 20_000,
  idleTimeoutMs: 1_800_000,
  maxQueuedCalls: 100_000,
} as const

/** @throws TypeError or RangeError when a number option is none, or not above zero. */
export function positiveOption(options: ChannelOptions, name: keyof typeof channelDefaults): number {
  const value = options[name] ?? channelDefaults[name]
  if (typeof value !== "number") throw new TypeError(`createChannel: ${name} must be a number, not ${typeof value}`)
  if (!(value > 0)) throw new RangeError(`createChannel: ${name} is ${value}, and must be above 0`)
  return value
}

/** What the channel's options say about each of its connections. */
export function connectionOptions(options: ChannelOptions, clock: Clock, authority: string): Http2ClientOptions {
  const { userAgent, maxReceiveMessageLength, maxSendMessageLength, http2 } = options
  return { clock, authority, scheme: "http", userAgent, maxReceiveMessageLength, maxSendMessageLength, http2 }
}

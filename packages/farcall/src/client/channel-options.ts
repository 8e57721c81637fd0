import type { Limits } from "@farcall/http2"
import { type BackoffOptions, backoffOptions } from "../balance/backoff.js"
import type { BalancingPolicy } from "../balance/balancer.js"
import type { CallTracer } from "../core/call-tracer.js"
import type { Clock } from "../core/clock.js"
import type { Compression } from "../core/compression.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import { optionOutOfRange } from "../core/reason.js"
import { checkMessageLengths } from "../core/whole-number.js"
import type { NameScheme } from "../resolve/resolver.js"
import {
  ChannelKeepalive,
  type ChannelKeepaliveOptions,
  channelKeepaliveOptions,
} from "../transport/channel-keepalive.js"
import type { ConnectOptions } from "../transport/connect.js"
import { type ChannelCredentials, transportCredentials } from "../transport/credentials.js"
import { http2Options } from "../transport/http2-options.js"
import { compressionsWith } from "../transport/zlib.js"
import { ConfigChoice } from "./config-choice.js"
import type { ServiceConfigJson } from "./service-config.js"

/** What a channel can be told, all of it optional. */
export interface ChannelOptions {
  /**
   * Needed where the target is not on this machine: `tls()`, or `insecure()`, which says that plaintext is meant. With
   * `combine(tls(), …)` all calls bring credentials of their own.
   */
  readonly credentials?: ChannelCredentials | undefined
  /**
   * The proxy that host names are reached by, with HTTP CONNECT: `"http://user:password@proxy.example:3128"`; `false`: none.
   * Default: as the environment's `grpc_proxy`, `https_proxy` or `http_proxy` say, but for what `no_proxy` names.
   */
  readonly proxy?: string | false | undefined
  /** Targets of schemes of one's own, by the schemes' names in lower case: `{ consul: ({ endpoint }) => … }`. */
  readonly schemes?: Readonly<Record<string, NameScheme>> | undefined
  /** How a server that has gone without a word is noticed. Off by default (gRPC A8). */
  readonly keepalive?: ChannelKeepaliveOptions | undefined
  /** `:authority` of all calls, in place of the one that the target gives. */
  readonly authority?: string | undefined
  /**
   * `"pick_first"` (the default): one connection; `"round_robin"`: one to each address, and calls to each in turn; or a
   * policy of one's own.
   */
  readonly balancing?: "pick_first" | "round_robin" | BalancingPolicy | undefined
  /**
   * How calls are made, per method: timeouts, waiting for ready, message limits, retries and hedging; and how servers are
   * chosen. As an object, or as JSON text. One that is found with the addresses goes before it.
   */
  readonly serviceConfig?: ServiceConfigJson | string | undefined
  /**
   * Whether a service config is looked up in DNS with the addresses (TXT records of `_grpc_config.` and the host's name,
   * gRPC A2). Default false.
   */
  readonly dnsServiceConfig?: boolean | undefined
  /**
   * False: the service config's retry and hedging policies are not followed. What a server certainly never saw is sent
   * again all the same. Default true.
   */
  readonly retries?: boolean | undefined
  /** The most attempts that a policy may allow a call; policies that say more are cut to it. Default 5. */
  readonly maxAttempts?: number | undefined
  /** Bytes of requests that one call may keep for further attempts; one that is larger has only one. Default 262,144. */
  readonly maxRetryBytesPerCall?: number | undefined
  /** The same for all calls together. Default 16,777,216. */
  readonly maxRetryBytesPerChannel?: number | undefined
  /** False: the health of servers is not watched, whatever the service config says. Default true. */
  readonly healthChecks?: boolean | undefined
  /** How long to wait after failures to connect. */
  readonly backoff?: BackoffOptions | undefined
  /** How long one attempt to connect may take, in milliseconds. Default 20,000. */
  readonly connectTimeoutMs?: number | undefined
  /**
   * After how long without a new call the connections are given up, in milliseconds; calls that are running go on to
   * their end. It is found out up to a quarter later. Default 1,800,000 (30 minutes); `Infinity`: never.
   */
  readonly idleTimeoutMs?: number | undefined
  /**
   * How many connections there may be to one address. When all that there are have as many streams as the server takes,
   * and a call waits, another one is made; it is given up when it has been without calls for half a minute to a minute.
   * Default 1: such calls wait.
   */
  readonly maxConnectionsPerAddress?: number | undefined
  /**
   * Whether channels of this process that say so too share connections to the same address, where all that concerns their
   * connections is the same: the authority, the credentials (the very same object, where they are TLS), and the options.
   * Default false: each has its own.
   */
  readonly shareConnections?: boolean | undefined
  /** How many calls may wait for a connection or for room on one. Default 100,000. */
  readonly maxQueuedCalls?: number | undefined
  /** Goes before `grpc-farcall/…` in the `user-agent` of its calls. */
  readonly userAgent?: string | undefined
  /** Bytes of the longest response message that is taken. Default 4,194,304 (4 MiB). */
  readonly maxReceiveMessageLength?: number | undefined
  /** Bytes of the longest request message that is sent. Default 2³¹−1. */
  readonly maxSendMessageLength?: number | undefined
  /** Ways to compress messages beside gzip and deflate. */
  readonly compressions?: readonly Compression[] | undefined
  /** Limits of HTTP/2, over the defaults of `@farcall/http2`. */
  readonly http2?: Partial<Limits> | undefined
  /** What watches its calls, for metrics and traces: `openTelemetry()` of `farcall/opentelemetry`, for instance. */
  readonly tracers?: readonly CallTracer[] | undefined
  readonly clock?: Clock | undefined
}

const channelOptions: KnownOptions<ChannelOptions> = {
  credentials: "object",
  proxy: ["string", "boolean"],
  schemes: "object",
  keepalive: channelKeepaliveOptions,
  authority: "string",
  balancing: ["string", "function"],
  serviceConfig: ["object", "string"],
  dnsServiceConfig: "boolean",
  retries: "boolean",
  maxAttempts: "number",
  maxRetryBytesPerCall: "number",
  maxRetryBytesPerChannel: "number",
  healthChecks: "boolean",
  backoff: backoffOptions,
  connectTimeoutMs: "number",
  idleTimeoutMs: "number",
  maxConnectionsPerAddress: "number",
  shareConnections: "boolean",
  maxQueuedCalls: "number",
  userAgent: "string",
  maxReceiveMessageLength: "number",
  maxSendMessageLength: "number",
  compressions: "array",
  http2: http2Options,
  tracers: "array",
  clock: "object",
}

/** @throws TypeError for an option that there is not, or one of the wrong kind */
export function checkChannelOptions(options: ChannelOptions): void {
  checkOptions("createChannel", options, channelOptions)
}

export const channelDefaults = {
  connectTimeoutMs: 20_000,
  idleTimeoutMs: 1_800_000,
  maxConnectionsPerAddress: 1,
  maxQueuedCalls: 100_000,
  maxAttempts: 5,
  maxRetryBytesPerCall: 262_144,
  maxRetryBytesPerChannel: 16_777_216,
} as const

/** @throws RangeError when a number option is not above zero */
export function positiveOption(options: ChannelOptions, name: keyof typeof channelDefaults): number {
  const value = options[name] ?? channelDefaults[name]
  if (!(value > 0)) throw optionOutOfRange(`createChannel: ${name} is ${value}, and must be above 0`)
  return value
}

/** @throws TypeError when the service config is wrong; TypeError or RangeError as `positiveOption` does */
export function configChoice(options: ChannelOptions): ConfigChoice {
  const maxAttempts = positiveOption(options, "maxAttempts")
  if (!Number.isInteger(maxAttempts))
    throw optionOutOfRange(`createChannel: maxAttempts is ${maxAttempts}, and no integer`)
  const balancing = typeof options.balancing === "function" ? "custom" : options.balancing
  return new ConfigChoice(options.serviceConfig, { ...options, balancing, maxAttempts })
}

/**
 * What the channel's options say about its connections, each with its clock and the authority of its calls. Made once:
 * all connections share the keepalive.
 * @throws RangeError for a keepalive that A8 does not allow; TypeError or RangeError for lengths that are none
 */
export function connectionOptions(options: ChannelOptions): (clock: Clock, authority: string) => ConnectOptions {
  const { userAgent, maxReceiveMessageLength, maxSendMessageLength, http2 } = options
  checkMessageLengths("createChannel", options)
  const credentials = transportCredentials(options.credentials)
  const scheme = credentials?.kind === "tls" ? "https" : "http"
  const keepalive = new ChannelKeepalive(options.keepalive ?? {})
  const compressions = compressionsWith(options.compressions)
  return (clock, authority) => ({
    clock,
    authority,
    scheme,
    keepalive,
    compressions,
    credentials,
    userAgent,
    maxReceiveMessageLength,
    maxSendMessageLength,
    http2,
  })
}

import type { Connection } from "@farcall/http2"
import type { Clock } from "../core/clock.js"
import type { KnownOptions } from "../core/known-options.js"
import { limits } from "../core/limits.js"
import { optionOutOfRange } from "../core/reason.js"
import { type KeepaliveOptions, type KeepaliveTimes, keepaliveOptions } from "./keepalive.js"

/** What a server does to find out whether its clients are still there, and how often they may ask (gRPC A8). */
export interface ServerKeepaliveOptions extends KeepaliveOptions {
  /** The least time between two PINGs of a client with calls, in milliseconds. Default 300,000 (5 minutes). */
  readonly minPingIntervalMs?: number | undefined
  /** Whether clients without calls may ask as often. Default false: once in two hours. */
  readonly pingsWithoutCalls?: boolean | undefined
}

export const serverKeepaliveOptions: KnownOptions<ServerKeepaliveOptions> = {
  ...keepaliveOptions,
  minPingIntervalMs: "number",
  pingsWithoutCalls: "boolean",
}

/** The options, with nothing left out. */
export interface ServerKeepalive extends KeepaliveTimes {
  readonly minPingIntervalMs: number
  readonly pingsWithoutCalls: boolean
}

/** @throws RangeError for a time that is not above 0, or an interval below it */
export function serverKeepalive(options: ServerKeepaliveOptions = {}): ServerKeepalive {
  const { timeMs, timeoutMs, minPingIntervalMs, pingsWithoutCalls } = options
  const times = {
    timeMs: timeMs ?? limits.serverKeepaliveMs,
    timeoutMs: timeoutMs ?? limits.keepaliveTimeoutMs,
    minPingIntervalMs: minPingIntervalMs ?? limits.minPingIntervalMs,
  }
  for (const [name, value] of Object.entries(times)) {
    const least = name === "minPingIntervalMs" ? "at least" : "above"
    if (!(value > 0 || (value === 0 && least === "at least")))
      throw optionOutOfRange(`createServer: keepalive.${name} is ${value}, and must be ${least} 0`)
  }
  return { ...times, withoutCalls: true, pingsWithoutCalls: pingsWithoutCalls === true }
}

/**
 * Counts the PINGs of one client that came too soon. What the server has sent for a call meanwhile forgives all of them:
 * clients measure the path while they read (checklist point 45).
 */
export class PingStrikes {
  private readonly clock: Clock
  private readonly rules: ServerKeepalive
  private strikes = 0
  private lastAt = Number.NEGATIVE_INFINITY
  /** What had been sent for calls when the last PING came. */
  private callFrames = 0

  constructor(clock: Clock, rules: ServerKeepalive) {
    this.clock = clock
    this.rules = rules
  }

  /** PING has come; true when it was one too many. */
  add(connection: Connection<unknown>): boolean {
    const now = this.clock.now()
    const { callFramesSent } = connection.counters
    const since = now - this.lastAt
    this.lastAt = now
    if (callFramesSent !== this.callFrames) {
      this.callFrames = callFramesSent
      this.strikes = 0
      return false
    }
    const calls = connection.openStreams > 0 || this.rules.pingsWithoutCalls
    const least = calls ? this.rules.minPingIntervalMs : limits.minIdlePingIntervalMs
    if (since >= least) return false
    this.strikes++
    return this.strikes > limits.pingStrikes
  }
}

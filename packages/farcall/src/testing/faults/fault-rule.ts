import type { ErrorCode } from "@farcall/http2"

/**
 * What is to go wrong between a client and a server, and when: `{ fault: "cut", method: "Say", nth: 3 }`. Plain data, that
 * can stand in a JSON file.
 */
export type FaultRule = RefuseRule | LatencyRule | BandwidthRule | StrikeRule

/** How often a rule acts, of the calls, connections or attempts to connect that it is about. */
interface Frequency {
  /** On which of them it acts, counted from 1 and from when the rule was added; several are a list. Default: on each. */
  readonly nth?: number | readonly number[] | undefined
  /** By what chance it acts, above 0 and up to 1. Default 1. */
  readonly probability?: number | undefined
  /** Chance is the same for the same seed, an integer from 0 to 2³²−1. Default 1. */
  readonly seed?: number | undefined
  /** How often it acts at the most. Default: without limit. */
  readonly times?: number | undefined
}

/**
 * Which calls a rule is about; each attempt of a call that is sent again counts. With none of `method`, `nth` and
 * `probability`, latency and bandwidth are of whole connections.
 */
interface OfCalls extends Frequency {
  /**
   * `"/greet.v1.Greeter/SayHello"`, or its last part, `"SayHello"` or `"sayHello"`; or the method's definition. Default: all.
   */
  readonly method?: string | { readonly path: string } | undefined
}

/** What goes from the client to the server is the requests, what comes back the responses, of all calls. */
export type Direction = "requests" | "responses"

/** Attempts to connect fail. */
interface RefuseRule extends Frequency {
  readonly fault: "refuse"
}

/** What passes arrives later, in its order. */
interface LatencyRule extends OfCalls {
  readonly fault: "latency"
  /** How much later, in milliseconds. */
  readonly ms: number
  /** Up to so many milliseconds more, by chance. Default 0. */
  readonly jitterMs?: number | undefined
  /** Default: both. */
  readonly direction?: Direction | undefined
}

/** No more passes, per connection and direction, than so many bytes a second. */
interface BandwidthRule extends OfCalls {
  readonly fault: "bandwidth"
  readonly bytesPerSecond: number
  /** Default: both. */
  readonly direction?: Direction | undefined
}

/** Points of a call. Headers and trailers: before they pass. */
export const callPhases = [
  "request headers",
  "request message",
  "between requests",
  "response headers",
  "response message",
  "between responses",
  "trailers",
] as const

/** A message is struck in the middle of the first one, "between" is at its end. */
export type CallPhase = (typeof callPhases)[number]

/** What strikes at one moment of a call, or of a connection. */
export type StrikeRule = OfCalls & Moment & Strike

interface Moment {
  /** The point of a call. Default: its request headers. */
  readonly at?: CallPhase | undefined
  /**
   * When so many bytes of one direction have passed: where the rule names a method, or strikes streams, those of a call's
   * messages with their prefixes; else those of a connection. `nth` and `probability` are of the same then.
   */
  readonly after?: { readonly requests: number } | { readonly responses: number } | undefined
}

export type Strike =
  /** The connection ends abruptly, for both sides, as when a machine is gone (RST of TCP). */
  | { readonly fault: "cut" }
  /** Directions of the connection end in order (FIN): the one towards the client or the server; both when left out. */
  | { readonly fault: "close"; readonly towards?: "client" | "server" | undefined }
  /** On the connection nothing passes any more, and nobody is told; where `ms` is said, so long. */
  | { readonly fault: "stall"; readonly ms?: number | undefined; readonly direction?: Direction | undefined }
  /** The other end reads nothing any more: what is written stays with who writes; where `ms` is said, so long. */
  | { readonly fault: "block"; readonly ms?: number | undefined; readonly direction?: Direction | undefined }
  /** What passes is cut up into pieces of so many bytes. Default 1. */
  | { readonly fault: "split"; readonly bytes?: number | undefined; readonly direction?: Direction | undefined }
  /** What passes within so many milliseconds comes joined, as one. Default 20. */
  | { readonly fault: "join"; readonly ms?: number | undefined; readonly direction?: Direction | undefined }
  /** RST_STREAM towards the client, and CANCEL towards the server. */
  | { readonly fault: "reset"; readonly code: keyof typeof ErrorCode }
  /**
   * GOAWAY towards the client, as if the server had seen the call, or had not (`seen: false`: then nothing of it passes
   * any more); with `close`, both directions end in order after it. Default: seen, and no close.
   */
  | { readonly fault: "goAway"; readonly seen?: boolean | undefined; readonly close?: boolean | undefined }
  /** The response ends without trailers, and CANCEL goes to the server. */
  | { readonly fault: "endStream" }
  /** Trailers that say OK come before their time, and CANCEL goes to the server. */
  | { readonly fault: "trailers" }

export type FaultName = FaultRule["fault"]

/** Whether the rule acts on frames of a stream, and so between two frames; others may strike amid one. */
export function ofStream(rule: FaultRule): boolean {
  return rule.fault === "reset" || rule.fault === "goAway" || rule.fault === "endStream" || rule.fault === "trailers"
}

/** Whether it goes on, on what passes, until it is taken away. */
function lasts(rule: FaultRule): rule is LatencyRule | BandwidthRule | StrikeRule {
  return rule.fault === "latency" || rule.fault === "bandwidth" || isEffect(rule)
}

/** Whether it changes, from one moment on, how a connection's directions pass what they pass. */
export function isEffect(rule: FaultRule): rule is EffectRule {
  return rule.fault === "stall" || rule.fault === "block" || rule.fault === "split" || rule.fault === "join"
}

export type EffectRule = Extract<StrikeRule, { readonly fault: "stall" | "block" | "split" | "join" }>

/** What a rule's `nth`, `probability` and `times` count. */
export type Subject = "attempts" | "connections" | "calls"

export function subjectOf(rule: FaultRule): Subject {
  if (rule.fault === "refuse") return "attempts"
  if (rule.method !== undefined || ofStream(rule)) return "calls"
  if ("after" in rule && rule.after !== undefined) return "connections"
  const bare = rule.nth === undefined && rule.probability === undefined && !("at" in rule && rule.at !== undefined)
  return bare && lasts(rule) ? "connections" : "calls"
}

/** A rule as text, for people. */
export function ruleText(rule: FaultRule): string {
  return JSON.stringify(rule, (key, value) => (key === "method" && typeof value === "object" ? value.path : value))
}

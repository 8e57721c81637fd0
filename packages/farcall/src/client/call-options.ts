import type { ParentContext } from "../core/context.js"
import { type KnownOptions, noOptions, unknownOption } from "../core/known-options.js"
import { Metadata, type MetadataInit } from "../core/metadata.js"
import { badOption } from "../core/reason.js"
import type { CallCredentials } from "./call-credentials.js"

/** What one call may say for itself. */
export interface CallOptions {
  /** How long the call may take, in milliseconds from now; past it, it ends DEADLINE_EXCEEDED. */
  readonly timeoutMs?: number | undefined
  /**
   * The instant by which the call must have ended, by the wall clock: a Date, or milliseconds since 1970. With
   * `timeoutMs` as well, the earlier counts.
   */
  readonly deadline?: Date | number | undefined
  /** Cancels the call when it is aborted: it ends CANCELLED, with the signal's reason as the cause. */
  readonly signal?: AbortSignal | undefined
  /** What is sent along. */
  readonly metadata?: MetadataInit | undefined
  /** What the call brings to prove who makes it, beside what its channel has all calls bring; never sent in plaintext. */
  readonly credentials?: CallCredentials | undefined
  /** The context of the handler for which the call is made: it ends with it, and not later than its deadline. */
  readonly parent?: ParentContext | undefined
  /** Waits for a connection through failures to connect, instead of ending UNAVAILABLE. */
  readonly waitForReady?: boolean | undefined
  /**
   * How requests are compressed: `"gzip"`, `"deflate"`, or one of the channel's own. Responses come as the server likes.
   * Default: not at all. A server that does not know it answers UNIMPLEMENTED.
   */
  readonly compression?: string | undefined
  /** `:authority` of this call, in place of the channel's. */
  readonly authority?: string | undefined
  /** Called with the response's headers, if there are any. */
  readonly onHeader?: ((headers: Metadata) => void) | undefined
  /** Called with what came with the status, however the call ended. */
  readonly onTrailer?: ((trailers: Metadata) => void) | undefined
}

const callOptions: KnownOptions<CallOptions> = {
  timeoutMs: "number",
  deadline: ["object", "number"],
  signal: "object",
  metadata: "object",
  credentials: "object",
  parent: "object",
  waitForReady: "boolean",
  compression: "string",
  authority: "string",
  onHeader: "function",
  onTrailer: "function",
}

/** In how many calls of each of a client's methods the names of options are looked at: in all it would cost every call. */
const CALLS_LOOKED_AT = 100

/**
 * What looks at the options of one method's calls: that they are an object always, at their names in the first calls,
 * which is when somebody tries what has been written. Returns what is wrong, `undefined`: nothing.
 * @param where the function that the user called, for the error
 */
export function callOptionsCheck(where: string): CallOptionsCheck {
  let left = CALLS_LOOKED_AT
  return (options, more) => {
    if (options === undefined && more === undefined) return undefined
    if (typeof options !== "object" || options === null || more !== undefined) return notOptions(where, options, more)
    if (left === 0) return undefined
    left--
    return wrongOptions(where, options)
  }
}

/** @param more what stands behind the options, where nothing belongs */
type CallOptionsCheck = (options: CallOptions | undefined, more: unknown) => TypeError | undefined

/** What programs of grpc-js have in the last place. */
export function noCallback(where: string): TypeError {
  return badOption(`${where} takes no callback: await the promise that it returns, or iterate over its stream`)
}

function notOptions(where: string, options: unknown, more: unknown): TypeError {
  if (typeof options === "function" || typeof more === "function") return noCallback(where)
  return more === undefined ? noOptions(where, options) : badOption(`${where}: nothing stands behind the options`)
}

function wrongOptions(where: string, options: CallOptions): TypeError | undefined {
  // That of grpc-js too stands there in its programs.
  const isMetadata = options instanceof Metadata || options.constructor?.name === "Metadata"
  return isMetadata
    ? badOption(`${where}: metadata is an option: { metadata }`)
    : unknownOption(where, options, callOptions)
}

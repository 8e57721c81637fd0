import type { ParentContext } from "../core/context.js"
import type { Metadata, MetadataInit } from "../core/metadata.js"
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

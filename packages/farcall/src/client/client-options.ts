import type { ParentContext } from "../core/context.js"
import type { Interceptor } from "../core/interceptor.js"
import type { KnownOptions } from "../core/known-options.js"

/** What holds for all calls of a client. */
export interface ClientOptions {
  /** Around every call, the first one outermost. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /** How long a call may take that does not say so itself, in milliseconds. Default: without limit. */
  readonly timeoutMs?: number | undefined
  /** How the requests of calls are compressed that do not say so themselves; as `CallOptions.compression`. */
  readonly compression?: string | undefined
  /**
   * Asked at each call that names no `parent` itself for the handler that it is made for: `ambientParent` of
   * `farcall/ambient`. Default: calls that name none have none.
   */
  readonly parent?: (() => ParentContext | undefined) | undefined
}

export const clientOptions: KnownOptions<ClientOptions> = {
  interceptors: "array",
  timeoutMs: "number",
  compression: "string",
  parent: "function",
}

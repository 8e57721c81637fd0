import type { AuthContext } from "./auth-context.js"
import type { Metadata } from "./metadata.js"
import { badOption } from "./reason.js"
import type { AnyMethod } from "./service.js"
import type { Status } from "./status.js"

/**
 * What stands around calls: logging, authentication, retries of one's own. One type for clients and servers: it is given
 * what comes next and returns what is to stand in its place.
 *
 *     const timing: Interceptor = (next) => async (call) => {
 *       const response = await next(call)
 *       void response.status.then(({ code }) => console.error(call.method.path, code))
 *       return response
 *     }
 *
 * The first of a list is the outermost. On a server it runs before the request's body is read. `status` is not to be
 * awaited before the response is returned: on a server, and with a stream of responses, the call ends only after that.
 */
export type Interceptor = (next: Next) => Next

/**
 * Performs a call. Resolves once the response has begun (its headers are there), for calls with one response message
 * once the call is over; rejects with the StatusError of a call that failed before.
 */
export type Next = (call: Call) => Promise<Response>

/** A call as interceptors see it, on either side. */
export interface Call {
  readonly method: AnyMethod
  /** What the request carries; a client's interceptor may change it before it calls `next`. */
  readonly metadata: Metadata
  /** The instant on the side's clock in milliseconds; `Infinity` without one. */
  readonly deadline: number
  /** Aborted when the call is cancelled or its deadline passes. */
  readonly signal: AbortSignal
  /** The other side's address; on a client `undefined` until the call has a connection. */
  readonly peer: string | undefined
  /** On a server: what TLS has found out about the client; `undefined` in plaintext, and on a client. */
  readonly auth: AuthContext | undefined
  /** On a server: how the call ends, told when it does, though its handler may go on. Never rejects. */
  readonly status?: Promise<Status> | undefined
  /** What interceptors leave for one another and, on a server, for the handler: its `context.values`. Made on first use. */
  readonly values: Map<unknown, unknown>
  /** The request of a call that has one. On a server it is read and decoded by this. */
  message(): Promise<unknown>
  /** The requests of a call that streams them. */
  readonly messages: AsyncIterable<unknown>
  /** The same call, but for what is given. */
  with(changes: CallChanges): Call
}

/** What `call.with` makes otherwise; what is left out stays as it is. */
export interface CallChanges {
  readonly metadata?: Metadata
  readonly message?: () => Promise<unknown>
  readonly messages?: AsyncIterable<unknown>
}

/** A response as interceptors see it, on either side. */
export interface Response {
  /** The response's headers; a server's interceptor may add to them until the first message leaves. */
  readonly headers: Metadata
  /** The response of a call that has one. */
  message(): Promise<unknown>
  /** The responses of a call that streams them. */
  readonly messages: AsyncIterable<unknown>
  /** How the call ends. Never rejects. */
  readonly status: Promise<Status>
  /** What ends the response; a server's interceptor may add to it until the call ends, a client has all at `status`. */
  readonly trailers: Metadata
  /**
   * On a client: how many attempts it took (gRPC A6); on a server: which of them this is, by the client's word. A
   * response of an interceptor's own making took none.
   */
  readonly attempts?: number | undefined
  /**
   * On a client: whether the response message came compressed; of a stream of them the one that was taken last. A server,
   * and a response of an interceptor's own making, say nothing of it.
   */
  readonly compressed?: boolean | undefined
  /** The same response, but for what is given. */
  with(changes: ResponseChanges): Response
}

/** What `response.with` makes otherwise; what is left out stays as it is. */
export interface ResponseChanges {
  readonly message?: () => Promise<unknown>
  readonly messages?: AsyncIterable<unknown>
}

/**
 * The innermost `next` with the interceptors around it, the first one outermost.
 * @throws TypeError for one that is no function, or returns none
 */
export function chain(interceptors: readonly Interceptor[], innermost: Next): Next {
  return interceptors.reduceRight((next, interceptor, index) => {
    const made: unknown = typeof interceptor === "function" ? interceptor(next) : undefined
    if (typeof made === "function") return made as Next
    throw badOption(`interceptors[${index}] must be of the form (next) => async (call) => next(call)`)
  }, innermost)
}

/** What interceptors have resolved to. @throws TypeError when one of them has forgotten to return it */
export function mustBeResponse(response: Response): Response {
  if (typeof response === "object" && response !== null) return response
  throw badOption(`an interceptor must return the response that next(call) resolves to, not ${String(response)}`)
}

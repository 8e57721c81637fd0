import type { AbortListeners } from "../core/abort-listeners.js"
import type { AuthContext } from "../core/auth-context.js"
import { identity } from "../core/compression.js"
import type { ParentContext, ParentTracing } from "../core/context.js"
import type { Metadata } from "../core/metadata.js"
import type { AnyMethod } from "../core/service.js"
import { showAs } from "../core/shown-as.js"
import type { ErrorStatusCode } from "../core/status.js"
import { StatusError, type StatusErrorOptions } from "../core/status-error.js"
import type { ServerCall } from "./call.js"

/**
 * What a handler knows of its call and can do to it, beside taking requests and giving responses. Everything is made on
 * first use. Pass it as `{ parent: context }` to the calls made on the handler's behalf.
 */
export class ServerContext implements ParentContext {
  private readonly call: ServerCall

  /** Made by the server. */
  constructor(call: ServerCall) {
    this.call = call
  }

  /** The method that was called. */
  get method(): AnyMethod {
    return this.call.method
  }

  /** What the client sent along. */
  get metadata(): Metadata {
    return this.call.metadata
  }

  /** The client's address: `ipv4:127.0.0.1:40000`, `ipv6:[::1]:40000`, `unix:/run/x.sock`. */
  get peer(): string {
    return this.call.stream.peer
  }

  /** What TLS has found out about the client, its certificate for instance; `undefined` in plaintext. */
  get auth(): AuthContext | undefined {
    return this.call.stream.auth
  }

  /** The `:authority` that the client asked for. */
  get authority(): string | undefined {
    return this.call.authority
  }

  /** The instant at which the call ends if it has not yet, or `undefined` when the client set none. */
  get deadline(): Date | undefined {
    const remaining = this.remainingMs
    return remaining === Number.POSITIVE_INFINITY ? undefined : new Date(this.call.clock.wallNow() + remaining)
  }

  /** Milliseconds left until the deadline, `Infinity` without one, 0 once it has passed. */
  get remainingMs(): number {
    return Math.max(0, this.call.deadline - this.call.clock.now())
  }

  /** Aborted when the client cancels, the deadline passes, the connection is lost, or the call has ended. */
  get signal(): AbortSignal {
    return this.call.watchers.signal
  }

  /** What `signal` tells, for the calls that are made for this one: they need no signal made. */
  get end(): AbortListeners {
    return this.call.watchers.listeners
  }

  /** What watches the call, for the tracers of the calls that are made for it. */
  get tracing(): ParentTracing | undefined {
    return this.call.stream.tracing
  }

  /** Whether the call is over already, so that nothing that is still done for it reaches anyone. */
  get cancelled(): boolean {
    return this.call.cancelled
  }

  /** What interceptors have left for the handler, by keys of their own. Not on worker threads. */
  get values(): Map<unknown, unknown> {
    return this.call.values
  }

  /** What goes with the response's headers, with the first message at the latest. */
  get responseHeaders(): Metadata {
    return this.call.responseHeaders
  }

  /** What goes with the status that ends the call. */
  get responseTrailers(): Metadata {
    return this.call.responseTrailers
  }

  /**
   * How the responses are compressed, where the client accepts it: `"gzip"`, `"deflate"`, one of the server's own, or
   * `"identity"` for not at all. To be set before the headers are sent, with the first message at the latest.
   * @throws TypeError for one that the server does not know
   */
  get compression(): string {
    return this.call.stream.compression?.name ?? identity
  }

  set compression(name: string) {
    const { stream } = this.call
    stream.compression = stream.compressions.choose("context.compression", name)
  }

  /** False: messages sent from now on go as they are, where others are compressed. */
  get compressMessages(): boolean {
    return this.call.stream.compressMessages
  }

  set compressMessages(compress: boolean) {
    this.call.stream.compressMessages = compress
  }

  /** Whether the request was compressed on the wire; of a stream of requests the one that was taken last. */
  get requestCompressed(): boolean {
    return this.call.stream.requestCompressed
  }

  /**
   * Sends the response's headers now. Without it they go with the first message, so that an early error can still be a
   * status alone, which clients may retry (gRPC A6).
   */
  sendHeaders(): void {
    this.call.sendHeaders()
  }

  /** Ends the call with a status. The same as throwing a StatusError. */
  abort(code: ErrorStatusCode, message?: string, options?: StatusErrorOptions): never {
    throw new StatusError(code, message, options)
  }

  static {
    showAs<ServerContext>(
      ServerContext.prototype,
      "ServerContext",
      ({ method, peer, metadata, remainingMs, cancelled }) => ({
        method: method.path,
        peer,
        metadata,
        remainingMs,
        cancelled,
      }),
    )
  }
}

/** The call behind a context, for what stands in for handlers within the server. */
export function callOf(context: ServerContext): ServerCall {
  return context["call"]
}

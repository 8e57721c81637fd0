import type { Interceptor } from "../core/interceptor.js"
import type { Metadata } from "../core/metadata.js"
import type { AnyMethod } from "../core/service.js"
import { showAs } from "../core/shown-as.js"
import type { Status } from "../core/status.js"
import type { CallOptions } from "./call-options.js"
import type { BidiStreamingCall, ClientStreamingCall, ServerStreamingCall, WriteOptions } from "./client.js"
import { interceptedInvoker } from "./intercept.js"
import { type Requests, StreamingCall } from "./streaming-call.js"
import type { Channel } from "./transport.js"
import { callUnary } from "./unary-call.js"

/** How calls of the four kinds are made: straight away, or through interceptors. */
export interface Invoker {
  unary(method: AnyMethod, request: unknown, options: CallOptions | undefined): Promise<unknown>
  clientStreaming(
    method: AnyMethod,
    requests: Requests<unknown> | undefined,
    options: CallOptions | undefined,
  ): ClientStreamingCall<unknown, unknown>
  serverStreaming(method: AnyMethod, request: unknown, options: CallOptions | undefined): ServerStreamingCall<unknown>
  bidiStreaming(
    method: AnyMethod,
    requests: Requests<unknown> | undefined,
    options: CallOptions | undefined,
  ): BidiStreamingCall<unknown, unknown>
}

/** @param interceptors around every call, the first one outermost */
export function makeInvoker(channel: Channel, interceptors: readonly Interceptor[] | undefined): Invoker {
  return interceptors?.length ? interceptedInvoker(channel, interceptors) : directInvoker(channel)
}

function directInvoker(channel: Channel): Invoker {
  return {
    unary: (method, request, options) => callUnary(method, channel, request, options),
    clientStreaming: (method, requests, options) =>
      new CallHandle(StreamingCall.withRequests(method, channel, requests, options)),
    serverStreaming: (method, request, options) =>
      new CallHandle(StreamingCall.withRequest(method, channel, request, options)),
    bidiStreaming: (method, requests, options) =>
      new CallHandle(StreamingCall.withRequests(method, channel, requests, options)),
  }
}

/** What a user holds of a streaming call. It has no `then`, so that returning it from an async function does no harm. */
class CallHandle implements BidiStreamingCall<unknown, unknown>, ClientStreamingCall<unknown, unknown> {
  readonly #call: StreamingCall

  constructor(call: StreamingCall) {
    this.#call = call
  }

  get headers(): Promise<Metadata> {
    return this.#call.headers.get()
  }

  get trailers(): Promise<Metadata> {
    return this.#call.trailers.get()
  }

  get status(): Promise<Status> {
    return this.#call.status.get()
  }

  get response(): Promise<unknown> {
    return this.#call.response.get()
  }

  get attempts(): number {
    return this.#call.attempts
  }

  cancel(reason?: unknown): void {
    this.#call.cancel(reason)
  }

  write(message: unknown, options?: WriteOptions): Promise<boolean> {
    return this.#call.write(message, options)
  }

  end(): void {
    this.#call.end()
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return this.#call.responses
  }

  static {
    showAs<CallHandle>(CallHandle.prototype, "Call", (handle) => {
      const { method, peer, over } = handle.#call
      return { method: method.path, kind: method.kind, peer, over }
    })
  }
}

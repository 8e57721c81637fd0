import type { Metadata } from "../core/metadata.js"
import { showAs } from "../core/shown-as.js"
import type { Status } from "../core/status.js"
import type { CallHandle, WriteOptions } from "./call-handle.js"
import type { Invoker } from "./invoker.js"
import { StreamingCall } from "./streaming-call.js"
import type { Channel } from "./transport.js"
import { callUnary } from "./unary-call.js"

/** Makes calls straight away. */
export function directInvoker(channel: Channel): Invoker {
  return {
    unary: (method, request, options) => callUnary(method, channel, request, options),
    withRequest: (method, request, options) =>
      new DirectCall(StreamingCall.withRequest(method, channel, request, options)),
    withRequests: (method, requests, options) =>
      new DirectCall(StreamingCall.withRequests(method, channel, requests, options)),
  }
}

/** What a user holds of a streaming call. It has no `then`, so that returning it from an async function does no harm. */
class DirectCall implements CallHandle {
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
    showAs<DirectCall>(DirectCall.prototype, "Call", (handle) => {
      const { method, peer, over } = handle.#call
      return { method: method.path, kind: method.kind, peer, over }
    })
  }
}

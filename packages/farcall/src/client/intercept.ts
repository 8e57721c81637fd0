import { markCompressible } from "../core/compression.js"
import {
  type Call,
  type CallChanges,
  chain,
  type Interceptor,
  type Response,
  type ResponseChanges,
} from "../core/interceptor.js"
import { MessageQueue, type MessageQueueOwner } from "../core/message-queue.js"
import { Metadata } from "../core/metadata.js"
import { type AnyMethod, streamsRequests, streamsResponses } from "../core/service.js"
import type { Status } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import { timeoutOf } from "./call.js"
import type { CallOptions } from "./call-options.js"
import type { BidiStreamingCall, ClientStreamingCall, WriteOptions } from "./client.js"
import type { Invoker } from "./invoke.js"
import { type Requests, StreamingCall } from "./streaming-call.js"
import type { Channel } from "./transport.js"

/** Makes calls through interceptors. */
export function interceptedInvoker(channel: Channel, interceptors: readonly Interceptor[]): Invoker {
  const run = chain(interceptors, async (call) => perform(call as OutgoingCall, channel))
  const begin = (
    method: AnyMethod,
    input: CallChanges,
    options: CallOptions = {},
    pipe?: RequestPipe,
  ): InterceptedCall => {
    const abortion = new AbortController()
    const signal = options.signal === undefined ? abortion.signal : AbortSignal.any([options.signal, abortion.signal])
    const deadline = channel.clock.now() + timeoutOf(options, channel.clock)
    const call = new OutgoingCall(method, channel, { ...options, signal }, deadline, input)
    return new InterceptedCall(run(call), abortion, pipe)
  }
  const withRequest = (method: AnyMethod, request: unknown, options?: CallOptions): InterceptedCall =>
    begin(method, { message: async () => request }, options)
  const withRequests = (method: AnyMethod, requests?: Requests<unknown>, options?: CallOptions): InterceptedCall => {
    if (requests !== undefined) return begin(method, { messages: asyncIterable(requests) }, options)
    const pipe = new RequestPipe()
    return begin(method, { messages: pipe.messages }, options, pipe)
  }
  return {
    unary: async (method, request, options) => withRequest(method, request, options).response,
    serverStreaming: withRequest,
    clientStreaming: withRequests,
    bidiStreaming: withRequests,
  }
}

/** The innermost step: the call itself. */
async function perform(call: OutgoingCall, channel: Channel): Promise<Response> {
  const { method } = call
  const options: CallOptions = {
    ...call.options,
    metadata: call.metadata,
    deadline: undefined,
    timeoutMs: call.deadline - channel.clock.now(),
  }
  const inner = streamsRequests(method.kind)
    ? StreamingCall.withRequests(method, channel, call.messages, options)
    : StreamingCall.withRequest(method, channel, await call.message(), options)
  call.shared.made = inner
  if (streamsResponses(method.kind)) {
    return new ClientResponse(inner, await inner.headers.get(), new Metadata(), { messages: inner.responses })
  }
  const message = await inner.response.get()
  const headers = await inner.headers.get()
  return new ClientResponse(inner, headers, await inner.trailers.get(), { message: async () => message })
}

/** What the copies of a call have in common. */
interface SharedByCopies {
  /** What it has become, once it has been made. */
  made?: StreamingCall
  values?: Map<unknown, unknown>
}

class OutgoingCall implements Call {
  readonly method: AnyMethod
  readonly metadata: Metadata
  readonly deadline: number
  readonly auth: undefined = undefined
  readonly shared: SharedByCopies
  readonly options: CallOptions & { readonly signal: AbortSignal }
  private readonly channel: Channel
  private readonly input: CallChanges

  constructor(
    method: AnyMethod,
    channel: Channel,
    options: CallOptions & { readonly signal: AbortSignal },
    deadline: number,
    input: CallChanges,
    shared: SharedByCopies = {},
  ) {
    this.method = method
    this.channel = channel
    this.options = options
    this.deadline = deadline
    this.input = input
    this.shared = shared
    this.metadata = input.metadata ?? new Metadata(options.metadata)
  }

  get signal(): AbortSignal {
    return this.options.signal
  }

  get peer(): string | undefined {
    return this.shared.made?.peer
  }

  get values(): Map<unknown, unknown> {
    return (this.shared.values ??= new Map())
  }

  message(): Promise<unknown> {
    return this.input.message!()
  }

  get messages(): AsyncIterable<unknown> {
    return this.input.messages!
  }

  with(changes: CallChanges): Call {
    const input = { metadata: this.metadata, ...this.input, ...changes }
    return new OutgoingCall(this.method, this.channel, this.options, this.deadline, input, this.shared)
  }
}

class ClientResponse implements Response {
  readonly headers: Metadata
  readonly trailers: Metadata
  private readonly inner: StreamingCall
  private readonly content: ResponseChanges

  /** @param trailers empty while the call runs; they are there once `status` has resolved */
  constructor(inner: StreamingCall, headers: Metadata, trailers: Metadata, content: ResponseChanges) {
    this.inner = inner
    this.headers = headers
    this.trailers = trailers
    this.content = content
  }

  get status(): Promise<Status> {
    return this.inner.status.get().then(async (status) => {
      if (this.trailers.size === 0) this.trailers.merge(await this.inner.trailers.get())
      return status
    })
  }

  get attempts(): number {
    return this.inner.attempts
  }

  get compressed(): boolean {
    return this.inner.takenCompressed
  }

  message(): Promise<unknown> {
    return this.content.message!()
  }

  get messages(): AsyncIterable<unknown> {
    return this.content.messages!
  }

  with(changes: ResponseChanges): Response {
    return new ClientResponse(this.inner, this.headers, this.trailers, { ...this.content, ...changes })
  }
}

/** What a user holds of a call that goes through interceptors, which answer in their own time. */
class InterceptedCall implements BidiStreamingCall<unknown, unknown>, ClientStreamingCall<unknown, unknown> {
  readonly #outcome: Promise<Response>
  readonly #abortion: AbortController
  readonly #pipe: RequestPipe | undefined
  #attempts = 1

  constructor(outcome: Promise<Response>, abortion: AbortController, pipe: RequestPipe | undefined) {
    this.#outcome = handled(outcome)
    this.#abortion = abortion
    this.#pipe = pipe
    const note = ({ attempts }: { readonly attempts?: number | undefined }): void => {
      this.#attempts = attempts ?? 1
    }
    void this.#outcome.then(note, note)
    // Whoever still writes when the call is over is told so.
    if (pipe !== undefined) void this.status.then(() => pipe.close())
  }

  get headers(): Promise<Metadata> {
    return handled(this.#outcome.then((response) => response.headers))
  }

  get trailers(): Promise<Metadata> {
    return this.#outcome.then(
      (response) => response.status.then(() => response.trailers),
      (error: unknown) => (error instanceof StatusError ? error.trailers : undefined) ?? new Metadata(),
    )
  }

  get status(): Promise<Status> {
    return this.#outcome.then((response) => response.status, statusOf)
  }

  /** Known when the response has begun, or the call has failed. */
  get attempts(): number {
    return this.#attempts
  }

  get response(): Promise<unknown> {
    return handled(this.#outcome.then((response) => response.message()))
  }

  cancel(reason?: unknown): void {
    this.#abortion.abort(reason)
  }

  write(message: unknown, options?: WriteOptions): Promise<boolean> {
    if (options !== undefined) markCompressible(message, options.compress !== false)
    return this.#pipe!.write(message)
  }

  end(): void {
    this.#pipe!.end()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    yield* (await this.#outcome).messages
  }
}

/** Requests written by hand, as the iterable that interceptors are given. */
class RequestPipe implements MessageQueueOwner {
  readonly messages: MessageQueue<unknown> = new MessageQueue(this)
  private readonly writers: ((taken: boolean) => void)[] = []
  private state: "open" | "ended" | "closed" = "open"

  write(message: unknown): Promise<boolean> {
    if (this.state === "ended") {
      return Promise.reject(new TypeError("write after end: the requests of this call have been ended"))
    }
    if (this.state === "closed") return Promise.resolve(false)
    return new Promise((resolve) => {
      this.writers.push(resolve)
      this.messages.push(message, 1)
    })
  }

  end(): void {
    if (this.state === "open") this.state = "ended"
    this.messages.end()
  }

  close(): void {
    this.state = "closed"
    this.messages.end()
    for (const resolve of this.writers.splice(0)) resolve(false)
  }

  onTaken(messages: number): void {
    for (const resolve of this.writers.splice(0, messages)) resolve(true)
  }

  onAbandoned(): void {
    this.close()
  }
}

async function* asyncIterable(requests: Requests<unknown>): AsyncIterable<unknown> {
  yield* requests
}

/** A promise that may reject without anyone looking. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status
  return new StatusError("UNKNOWN", error instanceof Error ? error.message : String(error)).status
}

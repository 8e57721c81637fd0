import { nextTurn } from "../core/clock.js"
import { markCompressible } from "../core/compression.js"
import { limits } from "../core/limits.js"
import { MessageQueue, type MessageQueueOwner } from "../core/message-queue.js"
import { Metadata } from "../core/metadata.js"
import { type AnyMethod, streamsRequests, streamsResponses } from "../core/service.js"
import { okStatus, type Status } from "../core/status.js"
import type { StatusError } from "../core/status-error.js"
import { ClientCall } from "./call.js"
import { requestsFailed, responseCount, unsendable, writeAfterEnd } from "./call-errors.js"
import type { Requests, WriteOptions } from "./call-handle.js"
import type { CallOptions } from "./call-options.js"
import { Pending } from "./pending.js"
import { decodeResponse } from "./response.js"
import { SentRequests } from "./sent-requests.js"
import type { Channel, ClientStream, ReceivedFields } from "./transport.js"

/** The calls that stream requests, responses or both. */
export class StreamingCall extends ClientCall implements MessageQueueOwner {
  /** Responses, of the kinds that stream them. */
  readonly responses: MessageQueue<unknown> = new MessageQueue(this)
  readonly headers: Pending<Metadata> = new Pending()
  readonly trailers: Pending<Metadata> = new Pending()
  readonly status: Pending<Status> = new Pending()
  /** The response, of the kind that has one. */
  readonly response: Pending<unknown> = new Pending()
  /** Where the responses come from: kept beyond its end, since they may wait for their reader. */
  private source: ClientStream | undefined = undefined
  private responseCount = 0
  private single: unknown = undefined
  /** The one request, of the kind that has one. */
  private readonly request: unknown
  private requests: Iterator<unknown> | AsyncIterator<unknown> | undefined
  /** What was sent of the requests, until the server is known to have seen the stream; `undefined`: nothing was. */
  private sent: SentRequests | undefined = undefined
  private endRequested = false
  /** Writers that wait for a stream, or for room on it. */
  private waiting: (() => void)[] = []
  /** What was written while there was no stream: it keeps its order, and its place before the end. */
  private unsent: (() => void)[] = []

  private constructor(
    method: AnyMethod,
    channel: Channel,
    options: CallOptions | undefined,
    request: unknown,
    requests: Requests<unknown> | undefined,
  ) {
    super(method, channel, options)
    this.request = request
    this.requests = requests && iteratorOf(requests)
  }

  /** Begins a call with one request. */
  static withRequest(method: AnyMethod, channel: Channel, request: unknown, options?: CallOptions): StreamingCall {
    const call = new StreamingCall(method, channel, options, request, undefined)
    call.start()
    return call
  }

  /** Begins a call whose requests are taken from an iterable, or, without one, written by hand. */
  static withRequests(
    method: AnyMethod,
    channel: Channel,
    requests: Requests<unknown> | undefined,
    options?: CallOptions,
  ): StreamingCall {
    const call = new StreamingCall(method, channel, options, undefined, requests)
    call.start()
    if (requests !== undefined) void call.sendAll()
    return call
  }

  // ── requests ──

  /**
   * Sends a request, and resolves when there is room for the next: to false when the call is over, so that no more is
   * wanted.
   * @throws StatusError when the message cannot be sent; the call ends with the same
   */
  write(message: unknown, options?: WriteOptions): Promise<boolean> {
    if (this.endRequested) return Promise.reject(writeAfterEnd())
    if (options !== undefined) markCompressible(message, options.compress !== false)
    if (this.stream !== undefined || this.finished) return this.writeNow(message)
    return new Promise((resolve) => this.unsent.push(() => resolve(this.writeNow(message))))
  }

  private async writeNow(message: unknown): Promise<boolean> {
    if (this.finished) return false
    this.send(message)
    if (!this.stream!.writable) await this.room()
    return !this.finished
  }

  /** Ends the requests. */
  end(): void {
    if (this.endRequested) return
    this.endRequested = true
    this.stream?.end()
  }

  private send(message: unknown): void {
    const stream = this.stream!
    const sent = (this.sent ??= new SentRequests(this.channel.retries))
    if (sent.complete && stream.seen) sent.free()
    try {
      stream.sendMessage(message, false, sent.complete ? sent : undefined)
    } catch (cause) {
      const error = unsendable(cause, this.method)
      this.endHere(error)
      throw error
    }
  }

  /** Takes requests from the iterable as fast as the server takes them. */
  private async sendAll(): Promise<void> {
    const requests = this.requests!
    try {
      for (let sent = 0; !this.finished; ) {
        if (this.stream?.writable !== true) await this.room()
        else {
          const { done, value } = await requests.next()
          if (this.finished) return
          if (done === true) {
            this.requests = undefined
            this.end()
            return
          }
          // The connection may have been exchanged for another meanwhile.
          while (this.stream === undefined && !this.finished) await this.room()
          if (this.finished) return
          this.send(value)
          if (++sent % limits.messagesPerTurn === 0) await nextTurn(this.clock)
        }
      }
    } catch (cause) {
      this.requests = undefined
      this.endHere(requestsFailed(cause))
    }
  }

  private sendUnsent(): void {
    const unsent = this.unsent
    this.unsent = []
    for (const send of unsent) send()
  }

  private room(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  override onWritable(): void {
    const waiting = this.waiting
    if (waiting.length === 0) return
    this.waiting = []
    for (const resume of waiting) resume()
  }

  protected override get resendable(): boolean {
    return this.sent === undefined || this.sent.complete
  }

  protected override onOpen(stream: ClientStream): void {
    this.source = stream
    const streams = streamsRequests(this.method.kind)
    try {
      if (streams) this.sent?.sendTo(stream)
      else stream.sendMessage(this.request, true)
    } catch (cause) {
      this.endHere(unsendable(cause, this.method))
      return
    }
    if (!streams) return
    this.sendUnsent()
    if (this.endRequested) stream.end()
    this.onWritable()
  }

  // ── responses ──

  override onHeaders(block: ReceivedFields): void {
    this.sent?.free()
    this.headers.provide(() => Metadata.fromFields(block.fields))
    super.onHeaders(block)
  }

  override onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean {
    if (this.responses.crowded) {
      this.responses.fold(bytes, start, stop, wireBytes)
      return true
    }
    let message: unknown
    try {
      message = decodeResponse(this.method, bytes, start, stop, owned)
      if (++this.responseCount > 1 && !streamsResponses(this.method.kind)) {
        throw responseCount("more than one", this.method)
      }
    } catch (error) {
      this.endHere(error as StatusError)
      return false
    }
    if (streamsResponses(this.method.kind)) this.responses.push(message, wireBytes)
    else {
      this.single = message
      this.onTaken(wireBytes)
    }
    return true
  }

  override onPartial(wireBytes: number, missing: number): void {
    if (this.responses.partial(wireBytes)) this.stream?.expect(missing)
  }

  onTaken(wireBytes: number): void {
    this.source?.consumed(wireBytes)
  }

  /** The call has ended. */
  get over(): boolean {
    return this.finished
  }

  /** Whether the response that was taken last came compressed. */
  get takenCompressed(): boolean {
    return this.source?.takenCompressed === true
  }

  decode(bytes: Uint8Array, start: number, stop: number): unknown {
    return decodeResponse(this.method, bytes, start, stop, false)
  }

  onUndecodable(error: unknown): void {
    this.endHere(error as StatusError)
  }

  /** The reader has left its loop. */
  onAbandoned(): void {
    this.cancel(new Error("the reader of the responses left its loop"))
  }

  // ── ends ──

  protected override checkResponse(): StatusError | undefined {
    if (streamsResponses(this.method.kind) || this.responseCount === 1) return undefined
    return responseCount("no", this.method)
  }

  protected override onFinish(error: StatusError | undefined, trailers: ReceivedFields | undefined): void {
    this.sent?.free()
    this.stopRequests()
    this.sendUnsent()
    this.onWritable()
    const metadata = (): Metadata => (trailers === undefined ? new Metadata() : Metadata.fromFields(trailers.fields))
    this.headers.provide(metadata, error)
    this.trailers.provide(metadata)
    this.status.provide(() => (error === undefined ? okStatus : error.status))
    this.response.provide(() => this.single, error)
    this.responses.end(error)
  }

  /** Checklist point 15: the iterable learns that no more is wanted. */
  private stopRequests(): void {
    const requests = this.requests
    this.requests = undefined
    if (requests?.return === undefined) return
    try {
      const returned = requests.return()
      if (returned instanceof Promise) returned.catch(() => {})
    } catch {
      // The call is over; what the iterable's own cleaning up throws cannot change how it ended.
    }
  }
}

function iteratorOf(requests: Requests<unknown>): Iterator<unknown> | AsyncIterator<unknown> {
  return Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]()
}

import type { StreamClosure } from "@farcall/http2"
import type { Clock } from "../core/clock.js"
import { MessageQueue, type MessageQueueOwner } from "../core/message-queue.js"
import { Metadata } from "../core/metadata.js"
import { type AnyMethod, streamsRequests, streamsResponses } from "../core/service.js"
import { okStatus, type Status } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import { isThenable } from "../core/thenable.js"
import { type Bounded, CallDeadline } from "./call-deadline.js"
import { callIsOver, cardinality, deadlinePassed, handlerFailed, unreadable, unwritable } from "./call-errors.js"
import type { CallHead, CallStream } from "./call-stream.js"
import { ServerContext } from "./context.js"
import { errorOfDeadStream } from "./dead-stream.js"
import { EndWatchers } from "./end-watchers.js"
import { HeldRequests } from "./held-requests.js"
import type { ProtocolCall } from "./protocol-call.js"
import { type ResponseSender, ResponseStream } from "./response-stream.js"
import type { Route } from "./router.js"

/** What a call needs of its server. */
export interface CallHost {
  /** Runs the call behind the interceptors, in place of calling the handler at once; `undefined` without interceptors. */
  readonly intercept: ((call: ServerCall) => void) | undefined
  /** Told what a handler threw that was no StatusError. */
  onHandlerError(error: unknown, method: AnyMethod): void
}

/**
 * One call on the server: decodes requests, runs the handler, sends what it answers. Every call ends once, by whichever
 * comes first: the handler's end, an error, the deadline, the client's cancelling. What only some calls have is an
 * object of its own, made on first use.
 */
export class ServerCall implements ProtocolCall, MessageQueueOwner, ResponseSender, Bounded {
  readonly stream: CallStream
  readonly route: Route
  /** Requests of a method that streams them. */
  readonly requests: MessageQueue<unknown> | undefined
  ended = false
  private readonly host: CallHost
  private readonly head: CallHead
  /** `undefined`: it may take as long as it likes. */
  private readonly bound: CallDeadline | undefined
  /** Only where there are interceptors. */
  private readonly held: HeldRequests | undefined
  /** The request of a method that has one. */
  private request: unknown = notYet
  /** A handler, or interceptors, may still do something. */
  private running = false
  /** Why it has ended; `undefined`: OK. */
  private reason: StatusError | undefined = undefined
  private requestMetadata: Metadata | undefined = undefined
  private headers: Metadata | undefined = undefined
  private trailers: Metadata | undefined = undefined
  private left: Map<unknown, unknown> | undefined = undefined
  private endWatchers: EndWatchers | undefined = undefined
  private responses: ResponseStream | undefined = undefined

  constructor(stream: CallStream, route: Route, head: CallHead, timeoutMs: number, host: CallHost) {
    this.stream = stream
    this.route = route
    this.head = head
    this.host = host
    this.requests = streamsRequests(route.method.kind) ? new MessageQueue(this) : undefined
    this.held = host.intercept === undefined ? undefined : new HeldRequests()
    this.bound = timeoutMs === Number.POSITIVE_INFINITY ? undefined : new CallDeadline(stream.clock, timeoutMs, this)
  }

  /** Begins: a handler that takes a stream runs at once, others when their request is there. */
  start(timeoutMs: number): void {
    if (timeoutMs <= 0) {
      this.end(deadlinePassed("the deadline had passed when the call reached the server"))
      return
    }
    this.bound?.start()
    const { intercept } = this.host
    if (intercept !== undefined) {
      this.running = true
      const { tracing } = this.stream
      if (tracing?.runs) tracing.run(() => intercept(this))
      else intercept(this)
    } else if (this.requests !== undefined) this.begin(this.requests)
  }

  // ── for the context and interceptors ──

  get clock(): Clock {
    return this.stream.clock
  }

  /** The instant by `clock` at which it ends if it has not yet; `Infinity`: none. */
  get deadline(): number {
    return this.bound === undefined ? Number.POSITIVE_INFINITY : this.bound.deadline
  }

  get method(): AnyMethod {
    return this.route.method
  }

  /** It has interceptors around it. */
  get intercepted(): boolean {
    return this.held !== undefined
  }

  get metadata(): Metadata {
    return (this.requestMetadata ??= Metadata.fromFields(this.head.fields))
  }

  /** What the handler sees instead, when an interceptor has changed it. */
  set metadata(metadata: Metadata) {
    this.requestMetadata = metadata
  }

  get authority(): string | undefined {
    return this.head.authority ?? this.head.get("host")
  }

  get responseHeaders(): Metadata {
    return (this.headers ??= new Metadata())
  }

  get responseTrailers(): Metadata {
    return (this.trailers ??= new Metadata())
  }

  /** What interceptors have left for the handler. */
  get values(): Map<unknown, unknown> {
    return (this.left ??= new Map())
  }

  /** The call has ended before its handler did. */
  get cancelled(): boolean {
    return this.reason !== undefined
  }

  /** Those who are to be told of its end. */
  get watchers(): EndWatchers {
    if (this.endWatchers === undefined) {
      this.endWatchers = new EndWatchers()
      if (this.ended) this.endWatchers.end(this.reason)
    }
    return this.endWatchers
  }

  /** How it ends. */
  get status(): Promise<Status> {
    return this.watchers.status
  }

  // ── from the protocol ──

  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean {
    if (this.ended) {
      this.stream.consumed(wireBytes)
      return true
    }
    if (this.held?.holding) {
      this.held.hold(bytes, start, stop, owned, wireBytes)
      return true
    }
    const { requests } = this
    if (requests?.crowded) {
      requests.fold(bytes, start, stop, wireBytes)
      return true
    }
    if (requests === undefined && this.request !== notYet) {
      this.onProtocolError(cardinality("more than one request message came", this.method))
      return false
    }
    let message: unknown
    try {
      message = this.decode(bytes, start, stop, owned)
    } catch (error) {
      this.onProtocolError(error as StatusError)
      return false
    }
    if (requests !== undefined) requests.push(message, wireBytes)
    else {
      this.request = message
      this.stream.consumed(wireBytes)
    }
    return true
  }

  onPartial(wireBytes: number, missing: number): void {
    if (this.held?.addToLast(wireBytes)) return
    if (this.ended) this.stream.consumed(wireBytes)
    else if (this.requests === undefined) {
      this.stream.consumed(wireBytes)
      this.stream.expect(missing)
    } else if (this.requests.partial(wireBytes)) this.stream.expect(missing)
  }

  onRequestsEnd(): void {
    if (this.held?.holding) this.held.holdEnd()
    else if (this.requests !== undefined) this.requests.end()
    else if (this.request === notYet) this.onProtocolError(cardinality("no request message came", this.method))
    else if (this.held === undefined) this.begin(this.request)
    else this.held.tell(this.request)
  }

  onProtocolError(error: StatusError): void {
    this.end(error)
  }

  onWritable(): void {
    this.responses?.onWritable()
  }

  onReset(closure: StreamClosure): void {
    this.end(errorOfDeadStream(closure))
  }

  /** Checklist point 39: the client gives up at the same instant, so the stream is reset; a status would come too late. */
  onDeadline(): void {
    const error = deadlinePassed("the deadline passed on the server")
    this.stream.reset(error)
    this.end(error)
  }

  // ── from the queue of requests ──

  onTaken(wireBytes: number): void {
    this.stream.consumed(wireBytes)
  }

  /** @throws StatusError when the bytes are no request */
  decode(bytes: Uint8Array, start: number, stop: number, owned = false): unknown {
    try {
      return this.method.input.decode(bytes, start, stop, owned)
    } catch (cause) {
      throw unreadable(cause, this.method)
    }
  }

  onUndecodable(error: unknown): void {
    this.onProtocolError(error as StatusError)
  }

  /** A handler that reads no further has not ended: it may still answer. What comes is thrown away. */
  onAbandoned(): void {}

  // ── from interceptors, which run before the requests are there ──

  /** The one request; the same promise each time. */
  readRequest(): Promise<unknown> {
    return this.held!.one(this)
  }

  /** Gives the one request to `take` as soon as it is there, or to `fail` why there will be none. */
  withRequest(take: (request: unknown) => void, fail: (reason: unknown) => void): void {
    this.held!.letGo(this)
    if (this.request !== notYet && this.stream.requestsEnded) take(this.request)
    else if (this.ended) fail(this.reason ?? callIsOver())
    else this.held!.add({ take, fail })
  }

  /** The requests of a call that streams them. */
  readRequests(): AsyncIterable<unknown> {
    this.held!.letGo(this)
    return this.requests!
  }

  // ── the handler ──

  /** Runs the handler, within what those who watch the call set up around it. */
  private begin(input: unknown): void {
    const { tracing } = this.stream
    if (tracing?.runs) tracing.run(() => this.run(input))
    else this.run(input)
  }

  /** Calls the handler and sends what it answers. */
  private run(input: unknown): void {
    this.running = true
    this.stream.tracing?.onHandler()
    let answer: unknown
    try {
      answer = this.route.handler!(input, new ServerContext(this))
    } catch (error) {
      this.failed(error)
      return
    }
    if (streamsResponses(this.method.kind)) this.replyAll(answer)
    else if (!isThenable(answer)) this.reply(answer)
    else {
      answer.then(
        (message) => this.reply(message),
        (error) => this.failed(error),
      )
    }
  }

  /** Sends the one response, and OK. */
  reply(message: unknown): void {
    if (!this.ended) {
      try {
        this.stream.sendHeaders(this.headers)
        this.stream.sendMessage(message)
      } catch (error) {
        this.failed(this.notSendable(error))
        return
      }
      this.succeed()
    }
    this.settled()
  }

  /** Sends what can be iterated, as fast as the client takes it, and OK. */
  replyAll(responses: unknown): void {
    try {
      this.responses = new ResponseStream(this, responses, this.method)
    } catch (error) {
      this.failed(error)
      return
    }
    this.responses.pull()
  }

  /** The handler threw, or what it answered could not be sent. */
  failed(error: unknown): void {
    if (!this.ended) {
      if (error instanceof StatusError) this.end(error)
      else {
        this.onHandlerError(error)
        this.end(handlerFailed(error))
      }
    }
    this.settled()
  }

  sendHeaders(): void {
    this.stream.sendHeaders(this.headers, true)
  }

  // ── from the stream of responses ──

  get writable(): boolean {
    return this.stream.writable
  }

  sendResponse(message: unknown): void {
    this.stream.sendHeaders(this.headers)
    try {
      this.stream.sendMessage(message)
    } catch (error) {
      throw this.notSendable(error)
    }
  }

  onResponsesEnd(): void {
    this.succeed()
    this.settled()
  }

  /** Why a response could not be sent: what the handler made is no such message, of which the server's own people are told. */
  private notSendable(cause: unknown): StatusError {
    if (cause instanceof StatusError) return cause
    this.onHandlerError(cause)
    return unwritable(cause, this.method)
  }

  onHandlerError(error: unknown): void {
    this.host.onHandlerError(error, this.route.shown)
  }

  // ── the end ──

  private succeed(): void {
    if (this.ended) return
    try {
      this.stream.sendHeaders(this.headers)
    } catch (error) {
      this.end(error as StatusError)
      return
    }
    this.ended = true
    this.bound?.stop()
    this.stream.finish(okStatus, noDetails, this.trailers)
    this.close(undefined)
  }

  private end(error: StatusError): void {
    if (this.ended) return
    this.ended = true
    this.reason = error
    this.bound?.stop()
    this.sendError(error)
    this.close(error)
    // Where no handler runs there is none to wait for.
    if (!this.running) this.stream.release()
  }

  private sendError(error: StatusError): void {
    const trailers = error.trailers === undefined ? this.trailers : new Metadata(this.trailers).merge(error.trailers)
    try {
      if (this.headers !== undefined && this.headers.size > 0) this.stream.sendHeaders(this.headers)
    } catch (tooLarge) {
      // The status goes without headers that the client does not take.
      if (!(tooLarge instanceof StatusError)) throw tooLarge
    }
    this.stream.tracing?.failed(error)
    this.stream.failed?.(error)
    this.stream.finish(error.status, error.details, trailers)
  }

  /** Lets go of everyone who waits for the call. */
  private close(reason: StatusError | undefined): void {
    this.endWatchers?.end(reason)
    // A handler that has answered may still be reading elsewhere: for it the requests are over, which is no error.
    this.requests?.abort(reason)
    this.held?.end(reason)
    if (this.responses === undefined) return
    if (reason !== undefined) this.responses.stop()
    this.responses.onWritable()
  }

  /** Nothing of the handler runs any more. */
  private settled(): void {
    if (!this.running) return
    this.running = false
    this.stream.release()
  }
}

const notYet = Symbol("the request has not come yet")
const noDetails: readonly never[] = []

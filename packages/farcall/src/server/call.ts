import type { StreamClosure } from "@farcall/http2"
import { AbortListeners } from "../core/abort-listeners.js"
import type { AuthContext } from "../core/auth-context.js"
import { type Clock, nextTurn } from "../core/clock.js"
import { identity } from "../core/compression.js"
import { type DeadlineQueue, deadlinesOf, type Expiring } from "../core/deadline.js"
import { FoldedMessages } from "../core/folded-messages.js"
import { limits } from "../core/limits.js"
import { MessageQueue, type MessageQueueOwner } from "../core/message-queue.js"
import { Metadata } from "../core/metadata.js"
import { withReason } from "../core/reason.js"
import type { HandlerTracing } from "../core/server-call-tracing.js"
import { type AnyMethod, streamsRequests, streamsResponses } from "../core/service.js"
import { okStatus, type Status } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import type { CallHead, CallStream } from "./call-stream.js"
import { ServerContext } from "./context.js"
import { errorOfDeadStream } from "./dead-stream.js"
import type { ProtocolCall } from "./protocol.js"
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
 * comes first: the handler's end, an error, the deadline, the client's cancelling.
 */
export class ServerCall implements ProtocolCall, Expiring, MessageQueueOwner {
  readonly route: Route
  readonly clock: Clock
  deadline: number
  deadlineSlot = -1
  /** The call has ended before its handler did. */
  cancelled = false
  /** Told once how the call has ended, as `signal` tells handlers; `undefined`: OK. */
  onEnded: ((reason: StatusError | undefined) => void) | undefined = undefined
  /** Requests of a method that streams them. */
  readonly requests: MessageQueue<unknown> | undefined
  private readonly stream: CallStream
  private readonly host: CallHost
  private readonly head: CallHead
  private readonly deadlines: DeadlineQueue | undefined
  /** The request of a method that has one. */
  private request: unknown = undefined
  private requestCame = false
  private requestPromise: Promise<unknown> | undefined = undefined
  /** What came while interceptors had not yet asked for it: what they refuse is not even decoded. */
  private held: HeldMessage[] | undefined
  /** What came behind so many. */
  private heldFolded: FoldedMessages | undefined = undefined
  private heldEnd = false
  private requestReaders: readonly RequestReader[] | undefined = undefined
  private ended = false
  private running = false
  private requestMetadata: Metadata | undefined = undefined
  private headers: Metadata | undefined = undefined
  private trailers: Metadata | undefined = undefined
  private abortion: AbortController | undefined = undefined
  private abortReason: StatusError | undefined = undefined
  private listeners: AbortListeners | undefined = undefined
  private responses: ResponseIterator | undefined = undefined
  private writableWaiter: (() => void) | undefined = undefined
  private left: Map<unknown, unknown> | undefined = undefined
  private statusPromise: Promise<Status> | undefined = undefined
  private statusWaiter: ((status: Status) => void) | undefined = undefined

  constructor(stream: CallStream, route: Route, head: CallHead, timeoutMs: number, host: CallHost) {
    this.stream = stream
    this.route = route
    this.head = head
    this.host = host
    this.clock = stream.clock
    this.requests = streamsRequests(route.method.kind) ? new MessageQueue(this) : undefined
    this.held = host.intercept === undefined ? undefined : []
    if (timeoutMs === Number.POSITIVE_INFINITY) {
      this.deadline = timeoutMs
      this.deadlines = undefined
    } else {
      this.deadline = this.clock.now() + timeoutMs
      this.deadlines = deadlinesOf(this.clock)
    }
  }

  /** Begins: a handler that takes a stream runs at once, others when their request is there. */
  start(timeoutMs: number): void {
    if (timeoutMs <= 0) {
      this.end(
        new StatusError(
          "DEADLINE_EXCEEDED",
          "the deadline had passed when the call reached the server",
          deadlinePassed,
        ),
      )
      return
    }
    this.deadlines?.add(this)
    if (this.host.intercept !== undefined) {
      this.running = true
      const { intercept } = this.host
      if (this.tracing?.runs) this.tracing.run(() => intercept(this))
      else intercept(this)
    } else if (this.requests !== undefined) this.begin(this.requests)
  }

  /** Those who watch it. */
  get tracing(): HandlerTracing | undefined {
    return this.stream.tracing
  }

  get method(): AnyMethod {
    return this.route.method
  }

  /** It has interceptors around it. */
  get intercepted(): boolean {
    return this.host.intercept !== undefined
  }

  get metadata(): Metadata {
    return (this.requestMetadata ??= Metadata.fromFields(this.head.fields))
  }

  /** What the handler sees instead, when an interceptor has changed it. */
  set metadata(metadata: Metadata) {
    this.requestMetadata = metadata
  }

  get peer(): string {
    return this.stream.peer
  }

  get auth(): AuthContext | undefined {
    return this.stream.auth
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

  get signal(): AbortSignal {
    if (this.abortion === undefined) {
      this.abortion = new AbortController()
      if (this.ended) this.abortion.abort(this.abortReason ?? callOver)
    }
    return this.abortion.signal
  }

  /** What is told of the end: what `signal` tells. */
  get endListeners(): AbortListeners {
    if (this.listeners === undefined) {
      this.listeners = new AbortListeners()
      if (this.ended) this.listeners.abort(this.abortReason ?? callOver)
    }
    return this.listeners
  }

  // ── from the protocol ──

  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean {
    if (this.ended) {
      this.stream.consumed(wireBytes)
      return true
    }
    if (this.held !== undefined) {
      if (this.held.length >= limits.maxDecodedMessages) {
        this.heldFolded ??= new FoldedMessages()
        this.heldFolded.push(bytes, start, stop, wireBytes)
        return true
      }
      const kept = owned && start === 0 && stop === bytes.length ? bytes : new Uint8Array(bytes.subarray(start, stop))
      this.held.push({ bytes: kept, wireBytes })
      return true
    }
    if (this.requests?.crowded) {
      this.requests.fold(bytes, start, stop, wireBytes)
      return true
    }
    if (this.requestCame && this.requests === undefined) {
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
    if (this.requests !== undefined) this.requests.push(message, wireBytes)
    else {
      this.request = message
      this.requestCame = true
      this.stream.consumed(wireBytes)
    }
    return true
  }

  /** @throws StatusError when the bytes are no request */
  decode(bytes: Uint8Array, start: number, stop: number, owned = false): unknown {
    try {
      return this.method.input.decode(bytes, start, stop, owned)
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause)
      throw new StatusError("INTERNAL", `the request is no ${this.method.input.typeName}: ${text}`, {
        cause,
        reason: "FARCALL_UNREADABLE_MESSAGE",
      })
    }
  }

  onPartial(wireBytes: number, missing: number): void {
    const before = this.held?.at(-1)
    if (this.heldFolded !== undefined) this.heldFolded.addToLast(wireBytes)
    else if (before !== undefined) before.wireBytes += wireBytes
    else if (this.ended) this.stream.consumed(wireBytes)
    else if (this.requests === undefined) {
      this.stream.consumed(wireBytes)
      this.stream.expect(missing)
    } else if (this.requests.partial(wireBytes)) this.stream.expect(missing)
  }

  onRequestsEnd(): void {
    if (this.held !== undefined) this.heldEnd = true
    else if (this.requests !== undefined) this.requests.end()
    else if (!this.requestCame) this.onProtocolError(cardinality("no request message came", this.method))
    else if (this.host.intercept === undefined) this.begin(this.request)
    else {
      const readers = this.requestReaders
      this.requestReaders = undefined
      if (readers !== undefined) for (const { take } of readers) take(this.request)
    }
  }

  onProtocolError(error: StatusError): void {
    this.end(error)
  }

  onWritable(): void {
    const waiter = this.writableWaiter
    this.writableWaiter = undefined
    waiter?.()
  }

  onReset(closure: StreamClosure): void {
    this.end(errorOfDeadStream(closure))
  }

  /** Checklist point 39: the client gives up at the same instant, so the stream is reset; a status would come too late. */
  onDeadline(): void {
    const error = new StatusError("DEADLINE_EXCEEDED", "the deadline passed on the server", deadlinePassed)
    this.stream.reset(error)
    this.end(error)
  }

  /** How the call ends; for interceptors. */
  get status(): Promise<Status> {
    return (this.statusPromise ??= new Promise((resolve) => {
      if (this.ended) resolve(this.abortReason === undefined ? okStatus : this.abortReason.status)
      else this.statusWaiter = resolve
    }))
  }

  // ── from the queue of requests ──

  onTaken(wireBytes: number): void {
    this.stream.consumed(wireBytes)
  }

  onUndecodable(error: unknown): void {
    this.onProtocolError(error as StatusError)
  }

  /** A handler that reads no further has not ended: it may still answer. What comes is thrown away. */
  onAbandoned(): void {}

  // ── the handler ──

  /** The request of a call that has one, for interceptors, which run before it is there; the same promise each time. */
  readRequest(): Promise<unknown> {
    if (this.requestPromise === undefined) {
      this.requestPromise = new Promise((resolve, reject) => this.withRequest(resolve, reject))
      // One that nobody waits for any more harms nobody.
      this.requestPromise.catch(() => {})
    }
    return this.requestPromise
  }

  /** Gives the request to `take` as soon as it is there, or to `fail` why there will be none. */
  withRequest(take: (request: unknown) => void, fail: (reason: unknown) => void): void {
    this.takeHeld()
    if (this.requestCame && this.stream.requestsEnded) take(this.request)
    else if (this.ended) fail(this.abortReason)
    else this.requestReaders = [...(this.requestReaders ?? []), { take, fail }]
  }

  /** The requests of a call that streams them, for interceptors. */
  readRequests(): AsyncIterable<unknown> {
    this.takeHeld()
    return this.requests!
  }

  /** Goes on with what was held, as if it came now. */
  private takeHeld(): void {
    const held = this.held
    if (held === undefined) return
    this.held = undefined
    for (const { bytes, wireBytes } of held) this.onMessage(bytes, 0, bytes.length, true, wireBytes)
    const folded = this.heldFolded
    this.heldFolded = undefined
    while (folded?.isEmpty === false) {
      folded.shift((bytes, start, stop, wireBytes) => this.onMessage(bytes, start, stop, false, wireBytes))
    }
    if (this.heldEnd && !this.ended) this.onRequestsEnd()
  }

  /** Runs the handler, within what those who watch the call set up around it. */
  private begin(input: unknown): void {
    const { tracing } = this
    if (tracing?.runs) tracing.run(() => this.run(input))
    else this.run(input)
  }

  /** Calls the handler and sends what it answers. */
  private run(input: unknown): void {
    this.running = true
    this.tracing?.onHandler()
    let answer: unknown
    try {
      answer = this.route.handler!(input, new ServerContext(this))
    } catch (error) {
      this.failed(error)
      return
    }
    if (streamsResponses(this.method.kind)) this.sendAll(answer as AsyncIterable<unknown> | Iterable<unknown>)
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

  /** Sends a stream of responses as fast as the client takes them. */
  async sendAll(responses: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
    try {
      const iterator = iterate(responses, this.method)
      this.responses = iterator
      for (let sent = 0; !this.ended; ) {
        const { done, value } = await iterator.next()
        if (done === true) break
        if (!this.ended) this.send(value)
        if (!this.ended && !this.stream.writable) await this.untilWritable()
        else if (++sent % limits.messagesPerTurn === 0) await nextTurn(this.clock)
      }
    } catch (error) {
      this.failed(error)
      return
    }
    this.succeed()
    this.settled()
  }

  /** Sends one of a stream of responses. @throws StatusError when it cannot be encoded */
  private send(message: unknown): void {
    this.stream.sendHeaders(this.headers)
    try {
      this.stream.sendMessage(message)
    } catch (error) {
      // The handler did not throw it: its iterator is to learn that no more is wanted.
      this.stopResponses()
      throw this.notSendable(error)
    }
  }

  /** Why a response could not be sent: what the handler made is no such message, of which the server's own people are told. */
  private notSendable(cause: unknown): StatusError {
    if (cause instanceof StatusError) return cause
    this.host.onHandlerError(cause, this.route.shown)
    const text = cause instanceof Error ? cause.message : String(cause)
    const reason = "FARCALL_UNWRITABLE_MESSAGE"
    return new StatusError("INTERNAL", `the response is no ${this.method.output.typeName}: ${text}`, { cause, reason })
  }

  sendHeaders(): void {
    this.stream.sendHeaders(this.headers, true)
  }

  get compression(): string {
    return this.stream.compression?.name ?? identity
  }

  set compression(name: string) {
    this.stream.compression = this.stream.compressions.choose("context.compression", name)
  }

  get compressMessages(): boolean {
    return this.stream.compressMessages
  }

  set compressMessages(compress: boolean) {
    this.stream.compressMessages = compress
  }

  get requestCompressed(): boolean {
    return this.stream.requestCompressed
  }

  /** The handler threw, or what it answered could not be sent. */
  failed(error: unknown): void {
    this.responses = undefined
    if (!this.ended) {
      if (error instanceof StatusError) this.end(error)
      else {
        this.host.onHandlerError(error, this.route.shown)
        // Checklist point 28: nothing of it is the client's business.
        this.end(new StatusError("UNKNOWN", "the handler failed", { cause: error, reason: "FARCALL_HANDLER_FAILED" }))
      }
    }
    this.settled()
  }

  private succeed(): void {
    if (this.ended) return
    try {
      this.stream.sendHeaders(this.headers)
    } catch (error) {
      this.end(error as StatusError)
      return
    }
    this.ended = true
    this.deadlines?.remove(this)
    this.stream.finish(okStatus, noDetails, this.trailers)
    this.close(undefined)
  }

  /** Nothing of the handler runs any more. */
  private settled(): void {
    if (!this.running) return
    this.running = false
    this.stream.release()
  }

  private end(error: StatusError): void {
    if (this.ended) return
    this.ended = true
    this.cancelled = true
    this.deadlines?.remove(this)
    this.sendError(error)
    this.close(error)
    // Where no handler runs there is none to wait for.
    if (!this.running) {
      this.running = true
      this.settled()
    }
  }

  private sendError(error: StatusError): void {
    const trailers = error.trailers === undefined ? this.trailers : new Metadata(this.trailers).merge(error.trailers)
    try {
      if (this.headers !== undefined && this.headers.size > 0) this.stream.sendHeaders(this.headers)
    } catch (tooLarge) {
      // The status goes without headers that the client does not take.
      if (!(tooLarge instanceof StatusError)) throw tooLarge
    }
    this.tracing?.failed(error)
    this.stream.failed?.(error)
    this.stream.finish(error.status, error.details, trailers)
  }

  /** Lets go of everyone who waits for the call. */
  private close(reason: StatusError | undefined): void {
    this.abortReason = reason
    this.abortion?.abort(reason ?? callOver)
    this.listeners?.abort(reason ?? callOver)
    this.onEnded?.(reason)
    // A handler that has answered may still be reading elsewhere: for it the requests are over, which is no error.
    this.requests?.abort(reason)
    this.held = undefined
    this.heldFolded = undefined
    const readers = this.requestReaders
    this.requestReaders = undefined
    if (readers !== undefined) {
      for (const { fail } of readers)
        fail(reason ?? new StatusError("CANCELLED", "the call has ended", { reason: "FARCALL_CALL_OVER" }))
    }
    if (reason !== undefined) this.stopResponses()
    this.onWritable()
    this.statusWaiter?.(reason === undefined ? okStatus : reason.status)
  }

  /** The client wants no more of a response stream: its iterator is told, and may take as long as it likes. */
  private stopResponses(): void {
    const iterator = this.responses
    if (iterator?.return === undefined) return
    this.responses = undefined
    try {
      const returned = iterator.return()
      if (isThenable(returned)) returned.then(undefined, (error) => this.host.onHandlerError(error, this.route.shown))
    } catch (error) {
      this.host.onHandlerError(error, this.route.shown)
    }
  }

  private untilWritable(): Promise<void> {
    return new Promise((resolve) => {
      this.writableWaiter = resolve
    })
  }
}

const noDetails: readonly never[] = []

/** What the signal of a call that ended OK is aborted with. Made once: a new one would cost several calls. */
const callOver = new DOMException("the call has ended", "AbortError")

/** A message that has not been decoded, and the bytes of wire for which credit is due when it is taken. */
interface HeldMessage {
  readonly bytes: Uint8Array
  wireBytes: number
}

/** Someone who waits for the request. */
interface RequestReader {
  take(request: unknown): void
  fail(reason: unknown): void
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
}

interface ResponseIterator {
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>>
  return?(): unknown
}

function iterate(responses: unknown, method: AnyMethod): ResponseIterator {
  if (typeof responses === "object" && responses !== null) {
    if (Symbol.asyncIterator in responses) return (responses as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    if (Symbol.iterator in responses) return (responses as Iterable<unknown>)[Symbol.iterator]()
  }
  const promised = isThenable(responses)
  // What it ends with comes too late to be the call's.
  if (promised) responses.then(undefined, () => {})
  const meant = promised ? ", not a promise: what is written `async` is to be `async *`" : ""
  throw withReason(
    "FARCALL_UNWRITABLE_MESSAGE",
    new TypeError(`the handler of ${method.path} must return an iterable of ${method.output.typeName}${meant}`),
  )
}

/** Checklist point 27. */
function cardinality(what: string, method: AnyMethod): StatusError {
  return new StatusError("UNIMPLEMENTED", `${what}, ${method.path} takes one`, { reason: "FARCALL_MESSAGE_COUNT" })
}

const deadlinePassed = { reason: "FARCALL_DEADLINE_PASSED" } as const

import { type AbortListener, AbortListeners, type Listening } from "../core/abort-listeners.js"
import type { Ender } from "../core/call-tracer.js"
import {
  type AttemptTracing,
  type ClientCallTracing,
  type TracedClientCall,
  traceClientCall,
  transparentAttempt,
} from "../core/client-call-tracing.js"
import type { Clock } from "../core/clock.js"
import type { ParentContext } from "../core/context.js"
import { type DeadlineQueue, deadlinesOf, type Expiring } from "../core/deadline.js"
import { Metadata } from "../core/metadata.js"
import type { AnyMethod } from "../core/service.js"
import type { Status } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import { globalTracers, tracersWith } from "../core/tracers.js"
import { detailsFromBlock } from "../core/trailers.js"
import type { AppliedConfig } from "./applied-config.js"
import type { Attempt, Ending } from "./attempt.js"
import type { AuthorizedCall } from "./authorized-call.js"
import type { CallCredentials } from "./call-credentials.js"
import { callbackFailed, cancelledHere, deadlinePassed } from "./call-errors.js"
import type { CallOptions } from "./call-options.js"
import type { QueuePlace } from "./call-queue.js"
import { timeoutOf } from "./call-timeout.js"
import { enderWithoutStream, openStream } from "./open-stream.js"
import { RetriedCall } from "./retry.js"
import type { MethodConfig } from "./service-config.js"
import type {
  Channel,
  ChannelCall,
  ClientStream,
  ClientTransport,
  ReceivedFields,
  RequestHead,
  StreamFailure,
  StreamListener,
} from "./transport.js"

/**
 * One call of a client, whatever its kind: looks for a connection, opens a stream on it, and ends once, by whichever
 * comes first: the server's status, an error, the deadline, cancelling.
 *
 *     start ──> channel.start ──> begin (a stream is open) ──> onEnd ──> finish
 *                     └── fail ─────────────────────────────────────────────┘
 */
export abstract class ClientCall
  implements ChannelCall, RequestHead, StreamListener, Expiring, AbortListener, TracedClientCall
{
  readonly method: AnyMethod
  readonly authority: string
  readonly ownMetadata: Metadata | undefined
  waitForReady: boolean
  config: MethodConfig | undefined = undefined
  deadline: number = Number.POSITIVE_INFINITY
  deadlineSlot = -1
  protected readonly options: CallOptions | undefined
  queuePlace: QueuePlace | undefined = undefined
  standIn: AuthorizedCall | undefined = undefined
  protected stream: ClientStream | undefined = undefined
  protected finished = false
  protected readonly channel: Channel
  readonly clock: Clock
  private deadlines: DeadlineQueue | undefined = undefined
  /** Its listening to the user's signal, and to the handler that it is made for. */
  private toSignal: Listening | undefined = undefined
  private toParent: Listening | undefined = undefined
  /** The server's address, once there is a stream. */
  peer: string | undefined = undefined
  /** Refused by a server that never saw it, and begun anew. */
  private resent = false
  /** Its attempts, when a policy allows for several. */
  private retried: RetriedCall | undefined = undefined
  /** Those who watch it. */
  callTracing: ClientCallTracing | undefined = undefined
  /** The same for its attempt, where no policy allows for several. */
  tracing: AttemptTracing | undefined = undefined

  constructor(method: AnyMethod, channel: Channel, options: CallOptions | undefined) {
    this.method = method
    this.channel = channel
    this.clock = channel.clock
    this.options = options
    if (options === undefined) {
      this.authority = channel.authority
      this.ownMetadata = undefined
      this.waitForReady = false
    } else {
      this.authority = options.authority ?? channel.authority
      const { metadata } = options
      this.ownMetadata = metadata === undefined || metadata instanceof Metadata ? metadata : new Metadata(metadata)
      this.waitForReady = options.waitForReady === true
    }
  }

  /** What it sends along: its user's, and what those who watch it have added. */
  get metadata(): Metadata | undefined {
    return this.tracing === undefined ? this.ownMetadata : this.tracing.sentMetadata
  }

  /** Milliseconds until the deadline, `Infinity` without one: then no clock is read. */
  get timeoutMs(): number {
    const { deadline } = this
    return deadline === Number.POSITIVE_INFINITY ? deadline : deadline - this.clock.now()
  }

  get credentials(): CallCredentials | undefined {
    return this.options?.credentials
  }

  get compression(): string | undefined {
    return this.options?.compression
  }

  /** How many attempts there have been, those aside that the server certainly never saw. */
  get attempts(): number {
    return this.retried?.attempts ?? 1
  }

  /** Begins the call. To be called once, when the object is complete. */
  start(): void {
    const { options, channel } = this
    const timeoutMs = options === undefined ? Number.POSITIVE_INFINITY : timeoutOf(options, this.clock)
    const tracers = tracersWith(channel.tracers, globalTracers.forClients)
    if (tracers !== undefined) this.callTracing = traceClientCall(this, channel.target, timeoutMs, options, tracers)
    channel.calls?.start(this.clock)
    if (options !== undefined && !this.arm(options, timeoutMs)) return
    const { config } = channel
    if (config === undefined) this.search()
    else this.startBy(config)
  }

  restart(): void {
    this.startBy(this.channel.config!)
  }

  /** Begins as the service config has it. */
  private startBy(applied: AppliedConfig): void {
    const config = applied.config.forMethod(this.method)
    this.config = config
    if (config === undefined) {
      this.search()
      return
    }
    if (config.waitForReady !== undefined && this.options?.waitForReady === undefined) {
      this.waitForReady = config.waitForReady
    }
    if (!this.setDeadline(config.timeoutMs)) return
    const policy = config.retryPolicy ?? config.hedgingPolicy
    if (policy === undefined) {
      this.search()
      return
    }
    this.retried = new RetriedCall(this, this.channel, applied, policy)
    this.stream = this.retried
    this.onOpen(this.retried)
    this.retried.start()
  }

  /** Looks for a connection, for its one attempt or for that attempt anew. */
  private search(transparent = false): void {
    if (this.callTracing !== undefined) {
      this.tracing = this.callTracing.attempt(1, undefined, transparent ? transparentAttempt : undefined)
    }
    this.channel.start(this)
  }

  /** Ends the call CANCELLED, if it has not ended yet. */
  cancel(cause?: unknown): void {
    if (this.finished) return
    this.endHere(cancelledHere(this.whereabouts, cause))
  }

  // ── what the kinds of call fill in ──

  /** A stream is open: send what there is to send. */
  protected abstract onOpen(stream: ClientStream): void
  /** Whether all that was sent can be sent again on another stream. */
  protected abstract get resendable(): boolean
  /** The server said OK. Returns the error that it makes all the same, by the messages that came. */
  protected abstract checkResponse(): StatusError | undefined
  /** The call is over; without an error, OK. `this.finished` is set. */
  protected abstract onFinish(error: StatusError | undefined, trailers: ReceivedFields | undefined): void

  abstract onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean
  abstract onPartial(wireBytes: number, missing: number): void
  abstract onWritable(): void

  // ── from the channel ──

  begin(transport: ClientTransport): boolean {
    return openStream(this, transport)
  }

  onStream(stream: ClientStream, peer: string): void {
    this.stream = stream
    this.peer = peer
    this.onOpen(stream)
  }

  fail(error: StatusError): void {
    this.finish(error, undefined, enderWithoutStream(error))
  }

  // ── from the stream ──

  onHeaders(block: ReceivedFields): void {
    try {
      this.options?.onHeader?.(Metadata.fromFields(block.fields))
    } catch (cause) {
      this.endHere(callbackFailed("onHeader", cause))
    }
  }

  onEnd(status: Status, trailers: ReceivedFields | undefined, failure: StreamFailure | undefined): void {
    if (this.finished) return
    this.stream = undefined
    if (failure?.mayHaveBeenProcessed === false && (failure.neverSent || !this.resent) && this.resendable) {
      // gRPC A6, transparent retry: the server never saw it (checklist point 51).
      if (!failure.neverSent) this.resent = true
      this.tracing?.end(status, failure.endedBy, undefined, trailers)
      this.search(true)
      return
    }
    if (status.code === "OK") this.finishUnlessWrong(trailers)
    else this.finish(this.errorFrom(status, trailers, failure), trailers, failure?.endedBy ?? "server")
  }

  onAttemptEnd(attempt: Attempt, ending: Ending): void {
    if (this.finished) return
    this.stream = undefined
    this.peer = attempt.peer
    if (ending.status.code === "OK") this.finishUnlessWrong(ending.trailers)
    else this.finish(this.errorOf(attempt, ending), ending.trailers, ending.endedBy)
  }

  errorOf(attempt: Attempt, { status, trailers, failure, error }: Ending): StatusError {
    this.peer = attempt.peer
    return error ?? this.errorFrom(status, trailers, failure)
  }

  onDeadline(): void {
    const { retried, channel } = this
    const cause = retried?.lastFailure ?? (this.stream === undefined ? channel.lastError : undefined)
    this.endHere(deadlinePassed(`the deadline passed ${this.whereabouts}`, cause))
  }

  /** What it waits for, or at which server it is. */
  private get whereabouts(): string {
    const { retried, stream, channel } = this
    return retried?.describe() ?? (stream === undefined ? `while ${channel.describeWait(this)}` : `at ${this.peer}`)
  }

  // ── ends ──

  /** This side ends the call, whatever the server may still say. */
  endHere(error: StatusError): void {
    if (this.finished) return
    this.callTracing?.endAttempts(error, "client")
    if (this.stream === undefined) this.channel.withdraw(this)
    else this.stream.cancel()
    this.finish(error, undefined, "client")
  }

  /** The server said OK. */
  private finishUnlessWrong(trailers: ReceivedFields | undefined): void {
    const wrong = this.checkResponse()
    this.finish(wrong, trailers, wrong === undefined ? "server" : "client")
  }

  private finish(error: StatusError | undefined, trailers: ReceivedFields | undefined, endedBy: Ender): void {
    if (this.finished) return
    this.finished = true
    this.channel.calls?.end(error === undefined)
    this.deadlines?.remove(this)
    if (error !== undefined) {
      error.attempts = this.attempts
      error.method = this.method.path
    } else this.channel.config?.throttle?.succeeded()
    const result = this.options === undefined ? error : this.letGo(this.options, error, trailers)
    this.callTracing?.end(result, endedBy, trailers)
    this.onFinish(result, trailers)
  }

  private errorFrom(
    status: Status,
    trailers: ReceivedFields | undefined,
    failure: StreamFailure | undefined,
  ): StatusError {
    if (status.code === "CANCELLED" && this.deadline <= this.clock.now()) {
      // Checklist point 38: the server's clock was the faster one.
      return deadlinePassed(`the deadline passed at ${this.peer}`)
    }
    const message = failure === undefined ? status.message : `${status.message}, at ${this.peer}`
    return StatusError.fromWire(status.codeNumber, message, {
      details: trailers === undefined ? [] : detailsFromBlock(trailers),
      trailers: trailers && Metadata.fromFields(trailers.fields),
      cause: failure?.cause,
      reason: failure?.reason,
    })
  }

  // ── options ──

  /** Sets deadline and signals up; false when the call is over already. */
  private arm(options: CallOptions, timeoutMs: number): boolean {
    const { signal, parent } = options
    if (signal?.aborted) {
      this.endHere(cancelledHere("before it began", signal.reason))
      return false
    }
    const end = parent && endOf(parent)
    if (end?.aborted) {
      this.endWithParent(end.reason)
      return false
    }
    if (!this.setDeadline(timeoutMs)) return false
    if (signal !== undefined) this.toSignal = AbortListeners.of(signal).add(this)
    if (end !== undefined) this.toParent = end.add(this)
    return true
  }

  onAborted({ reason }: AbortListeners): void {
    if (this.options!.signal?.aborted) this.cancel(reason)
    else this.endWithParent(reason)
  }

  /** Sets the deadline, unless there is an earlier one; false when it has passed. */
  private setDeadline(timeoutMs: number): boolean {
    const deadline = this.clock.now() + timeoutMs
    if (deadline >= this.deadline) return true
    this.deadlines?.remove(this)
    this.deadline = deadline
    if (timeoutMs <= 0) {
      this.finish(deadlinePassed("the deadline had passed before the call began"), undefined, "client")
      return false
    }
    this.deadlines = deadlinesOf(this.clock)
    this.deadlines.add(this)
    return true
  }

  /** The parent's deadline is this call's too, and either may be noticed first. */
  private endWithParent(reason: unknown): void {
    if (reason instanceof StatusError && reason.code === "DEADLINE_EXCEEDED") this.onDeadline()
    else this.cancel(reason)
  }

  /** Lets go of all that the options hold on to. Returns how the call ends, which `onTrailer` can make an error. */
  private letGo(
    options: CallOptions,
    error: StatusError | undefined,
    trailers: ReceivedFields | undefined,
  ): StatusError | undefined {
    if (this.toSignal !== undefined) AbortListeners.of(options.signal!).remove(this.toSignal)
    if (this.toParent !== undefined) endOf(options.parent!).remove(this.toParent)
    try {
      options.onTrailer?.(trailers === undefined ? new Metadata() : Metadata.fromFields(trailers.fields))
    } catch (cause) {
      return error ?? callbackFailed("onTrailer", cause)
    }
    return error
  }
}

/** Who is told of a parent's end. */
function endOf(parent: ParentContext): AbortListeners {
  return parent.end ?? AbortListeners.of(parent.signal)
}

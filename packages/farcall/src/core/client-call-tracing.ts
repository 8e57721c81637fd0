import type {
  AttemptStart,
  AttemptTrace,
  CallEnd,
  CallTracer,
  ClientCallStart,
  ClientCallTrace,
  Ender,
  ServerCallTrace,
  TracedStream,
} from "./call-tracer.js"
import type { Clock } from "./clock.js"
import type { ParentContext } from "./context.js"
import type { MessageInflater } from "./message-inflater.js"
import { Metadata } from "./metadata.js"
import type { AnyMethod } from "./service.js"
import { okStatus, type Status } from "./status.js"
import type { StatusError } from "./status-error.js"
import {
  globalTracers,
  isEnabled,
  nextCallId,
  noTrace,
  noTracer,
  type Tracers,
  tellReceived,
  tellSent,
  tracerFailed,
  tracersWith,
  type Watch,
  watchBy,
} from "./tracers.js"

/** A call as its tracing sees it. */
export interface TracedClientCall {
  readonly method: AnyMethod
  readonly authority: string
  /** What its user sends along. */
  readonly ownMetadata: Metadata | undefined
  readonly clock: Clock
}

/** Tells the tracers that there are that a call begins; `undefined`: none of them cares. */
export function traceClientCall(
  call: TracedClientCall,
  target: string,
  timeoutMs: number,
  parent: ParentContext | undefined,
  tracers: Tracers,
): ClientCallTracing | undefined {
  let tracing: ClientCallTracing | undefined
  for (const tracer of tracersWith(tracers, globalTracers.forClients)) {
    if (tracer.clientCall === undefined || !isEnabled(tracer)) continue
    tracing ??= new ClientCallTracing(call, target, timeoutMs)
    tracing.ask(tracer, parent)
  }
  return tracing?.isWatched ? tracing : undefined
}

/** One call of a client, on its way to those who watch it. */
export class ClientCallTracing implements ClientCallStart, Watch<ClientCallTrace> {
  tracer: CallTracer = noTracer
  trace: ClientCallTrace = noTrace
  next: Watch<ClientCallTrace> | undefined = undefined
  readonly target: string
  readonly timeoutMs: number
  parentTrace: ServerCallTrace | undefined = undefined
  private readonly call: TracedClientCall
  private number = 0
  private begunAt: number | undefined = undefined
  /** A copy of what the call sends along, where a tracer has looked at it. */
  private changed: Metadata | undefined = undefined
  /** Attempts that have not ended. */
  private live: AttemptTracing | undefined = undefined
  private ended = false

  constructor(call: TracedClientCall, target: string, timeoutMs: number) {
    this.call = call
    this.target = target
    this.timeoutMs = timeoutMs
  }

  get isWatched(): boolean {
    return this.trace !== noTrace
  }

  ask(tracer: CallTracer, parent: ParentContext | undefined): void {
    this.parentTrace = parent?.tracing?.traceBy(tracer)
    try {
      const trace = tracer.clientCall!(this)
      if (trace !== undefined) watchBy(this, tracer, trace, !this.isWatched)
    } catch (error) {
      tracerFailed(tracer, error)
    }
  }

  get id(): number {
    if (this.number === 0) this.number = nextCallId()
    return this.number
  }

  get method(): AnyMethod {
    return this.call.method
  }

  get authority(): string {
    return this.call.authority
  }

  get clock(): Clock {
    return this.call.clock
  }

  get startedAt(): number {
    return (this.begunAt ??= this.call.clock.now())
  }

  /** What the call sends along, for a tracer to change. */
  get metadata(): Metadata {
    return (this.changed ??= new Metadata(this.call.ownMetadata))
  }

  /** What goes with every attempt, where that is not only the user's own. */
  get sentMetadata(): Metadata | undefined {
    return this.changed ?? this.call.ownMetadata
  }

  /**
   * An attempt begins. One of the same number that has not ended is the same: it was begun before the channel knew its
   * service config.
   * @param metadata what it sends along in place of the call's
   */
  attempt(number: number, metadata: Metadata | undefined, reason: AttemptReason = plainAttempt): AttemptTracing {
    for (let begun = this.live; begun !== undefined; begun = begun.nextLive) if (begun.number === number) return begun
    const attempt = new AttemptTracing(this, number, reason, metadata ?? this.sentMetadata)
    attempt.nextLive = this.live
    this.live = attempt
    attempt.begin(this)
    return attempt
  }

  onAttemptEnd(attempt: AttemptTracing): void {
    if (this.live === attempt) this.live = attempt.nextLive
    else {
      let before = this.live
      while (before !== undefined && before.nextLive !== attempt) before = before.nextLive
      if (before !== undefined) before.nextLive = attempt.nextLive
    }
  }

  /** The call is about to end by this error, and so do the attempts that still run. */
  endAttempts(error: StatusError, endedBy: Ender): void {
    if (this.live !== undefined) this.endLive(new Ending(error.status, endedBy, error, undefined, this.clock))
  }

  /** The call is over; attempts that still run end as it does. */
  end(error: StatusError | undefined, endedBy: Ender, trailers: TracedFields | undefined): void {
    if (this.ended) return
    this.ended = true
    const { live, clock } = this
    const end = new Ending(
      error === undefined ? okStatus : error.status,
      endedBy,
      error,
      trailers,
      clock,
      live?.connection,
    )
    this.endLive(end)
    for (let watch: Watch<ClientCallTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        watch.trace.onEnd?.(end)
      } catch (fault) {
        tracerFailed(watch.tracer, fault)
      }
    }
  }

  private endLive(end: CallEnd): void {
    let attempt = this.live
    this.live = undefined
    for (; attempt !== undefined; attempt = attempt.nextLive) attempt.endAs(end)
  }
}

/** Why there is an attempt. */
export interface AttemptReason {
  readonly transparent: boolean
  readonly hedged: boolean
  readonly delayMs: number
}

const plainAttempt: AttemptReason = { transparent: false, hedged: false, delayMs: 0 }
export const transparentAttempt: AttemptReason = { transparent: true, hedged: false, delayMs: 0 }

/** One attempt, on its way to those who watch it. */
export class AttemptTracing implements AttemptStart, Watch<AttemptTrace> {
  tracer: CallTracer = noTracer
  trace: AttemptTrace = noTrace
  next: Watch<AttemptTrace> | undefined = undefined
  readonly number: number
  private readonly reason: AttemptReason
  /** What it sends along; a copy once a tracer has looked at it. */
  sentMetadata: Metadata | undefined
  private copied = false
  private readonly call: ClientCallTracing
  /** Another that has not ended: the call's own. */
  nextLive: AttemptTracing | undefined = undefined
  /** Its connection, once it has one. */
  connection: TracedConnection | undefined = undefined
  sentMessages = 0
  sentBytes = 0
  receivedMessages = 0
  receivedBytes = 0
  private ended = false

  constructor(call: ClientCallTracing, number: number, reason: AttemptReason, metadata: Metadata | undefined) {
    this.call = call
    this.number = number
    this.reason = reason
    this.sentMetadata = metadata
  }

  get transparent(): boolean {
    return this.reason.transparent
  }

  get hedged(): boolean {
    return this.reason.hedged
  }

  get delayMs(): number {
    return this.reason.delayMs
  }

  begin(first: Watch<ClientCallTrace>): void {
    for (let call: Watch<ClientCallTrace> | undefined = first; call !== undefined; call = call.next) {
      try {
        const trace = call.trace.attempt?.(this)
        if (trace !== undefined) watchBy(this, call.tracer, trace, this.trace === noTrace)
      } catch (error) {
        tracerFailed(call.tracer, error)
      }
    }
  }

  get metadata(): Metadata {
    if (this.copied) return this.sentMetadata!
    this.copied = true
    return (this.sentMetadata = new Metadata(this.sentMetadata))
  }

  onStream(streamId: number, peer: string, connection: TracedConnection, compression: string | undefined): void {
    this.connection = connection
    let stream: TracedStream | undefined
    for (let watch: Watch<AttemptTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        if (watch.trace.onStream === undefined) continue
        stream ??= { peer, connectionId: connection.id, streamId, compression }
        watch.trace.onStream(stream)
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
  }

  onHeaders(headers: TracedFields): void {
    for (let watch: Watch<AttemptTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        if (watch.trace.onHeaders !== undefined) watch.trace.onHeaders(() => Metadata.fromFields(headers.fields))
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
  }

  onMessageSent(size: number, wireSize: number = size, compressed: boolean = false): void {
    this.sentBytes += wireSize
    tellSent(this, this.sentMessages++, size, wireSize, compressed)
  }

  /** @param inflater what it came through, which knows what it was on the wire */
  onMessageReceived(size: number, inflater: MessageInflater | undefined): void {
    const wireSize = inflater === undefined ? size : inflater.toldLength
    this.receivedBytes += wireSize
    tellReceived(this, this.receivedMessages++, size, wireSize, inflater?.toldCompressed === true)
  }

  /** It ends by itself, while its call may go on. */
  end(status: Status, endedBy: Ender, error: StatusError | undefined, trailers: TracedFields | undefined): void {
    if (this.ended) return
    this.call.onAttemptEnd(this)
    this.endAs(new Ending(status, endedBy, error, trailers, this.call.clock, this.connection))
  }

  endAs(end: CallEnd): void {
    this.ended = true
    for (let watch: Watch<AttemptTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        watch.trace.onEnd?.(end)
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
  }
}

/** Header fields as they came: name, value, name, value … */
export interface TracedFields {
  readonly fields: readonly string[]
}

/** A connection, as far as its streams' tracing knows it. */
export interface TracedConnection {
  readonly id: number
  /** When bytes came last, by the clock's `now`. */
  readonly heardAt: number
}

class Ending implements CallEnd {
  readonly status: Status
  readonly endedBy: Ender
  readonly error: StatusError | undefined
  private readonly fields: TracedFields | undefined
  private readonly clock: Clock
  private when: number | undefined

  /** @param connection where the status came from, if it did */
  constructor(
    status: Status,
    endedBy: Ender,
    error: StatusError | undefined,
    trailers: TracedFields | undefined,
    clock: Clock,
    connection?: TracedConnection,
  ) {
    this.status = status
    this.endedBy = endedBy
    this.error = error
    this.fields = trailers
    this.clock = clock
    this.when = endedBy === "server" ? connection?.heardAt : undefined
  }

  get at(): number {
    return (this.when ??= this.clock.now())
  }

  get trailers(): Metadata {
    return this.fields === undefined ? new Metadata() : Metadata.fromFields(this.fields.fields)
  }
}

import type {
  AttemptStart,
  AttemptTrace,
  CallEnd,
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
import { nextCallId, type Tracers, tracerFailed, type Watch, watchesOf } from "./tracers.js"

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
  const tracing = new ClientCallTracing(call, target, timeoutMs, tracers, parent)
  return tracing.isWatched ? tracing : undefined
}

/** One call of a client, on its way to those who watch it. */
export class ClientCallTracing {
  private readonly call: TracedClientCall
  private readonly watches: readonly Watch<ClientCallTrace>[] | undefined
  /** A copy of what the call sends along, where a tracer has looked at it. */
  private changed: Metadata | undefined = undefined
  /** Attempts that have not ended. */
  private live: AttemptTracing[] = []
  private ended = false

  constructor(
    call: TracedClientCall,
    target: string,
    timeoutMs: number,
    tracers: Tracers,
    parent: ParentContext | undefined,
  ) {
    this.call = call
    const start = new CallBeginning(this, call, target, timeoutMs)
    this.watches = watchesOf(tracers, (tracer) => {
      start.parentTrace = parent?.tracing?.traceBy(tracer)
      return tracer.clientCall?.(start)
    })
  }

  get isWatched(): boolean {
    return this.watches !== undefined
  }

  /** What the call sends along, for a tracer to change. */
  get metadata(): Metadata {
    return (this.changed ??= new Metadata(this.call.ownMetadata))
  }

  /**
   * An attempt begins. One of the same number that has not ended is the same: it was begun before the channel knew its
   * service config.
   * @param metadata what it sends along in place of the call's
   */
  attempt(number: number, metadata: Metadata | undefined, plan: AttemptReason = plainAttempt): AttemptTracing {
    const begun = this.live.find((attempt) => attempt.number === number)
    if (begun !== undefined) return begun
    const attempt = new AttemptTracing(this, number, plan, metadata ?? this.changed ?? this.call.ownMetadata)
    this.live.push(attempt)
    attempt.begin(this.watches!)
    return attempt
  }

  /** What goes with every attempt, where that is not only the user's own. */
  get sentMetadata(): Metadata | undefined {
    return this.changed ?? this.call.ownMetadata
  }

  onAttemptEnd(attempt: AttemptTracing): void {
    this.live = this.live.filter((other) => other !== attempt)
  }

  /** The call is about to end by this error, and so do the attempts that still run. */
  endAttempts(error: StatusError, endedBy: Ender): void {
    if (this.live.length > 0) this.endLive(new Ending(error.status, endedBy, error, undefined))
  }

  /** The call is over; attempts that still run end as it does. */
  end(error: StatusError | undefined, endedBy: Ender, trailers: TracedFields | undefined): void {
    if (this.ended) return
    this.ended = true
    const end = new Ending(error?.status ?? okStatus, endedBy, error, trailers)
    this.endLive(end)
    for (const { tracer, trace } of this.watches!) {
      try {
        trace.onEnd?.(end)
      } catch (fault) {
        tracerFailed(tracer, fault)
      }
    }
  }

  private endLive(end: CallEnd): void {
    const { live } = this
    this.live = []
    for (const attempt of live) attempt.endAs(end)
  }
}

/** Why there is an attempt. */
export interface AttemptReason {
  readonly transparent: boolean
  readonly hedged: boolean
  readonly delayMs: number
}

export const plainAttempt: AttemptReason = { transparent: false, hedged: false, delayMs: 0 }
export const transparentAttempt: AttemptReason = { transparent: true, hedged: false, delayMs: 0 }

/** One attempt, on its way to those who watch it. */
export class AttemptTracing implements AttemptStart {
  readonly number: number
  readonly transparent: boolean
  readonly hedged: boolean
  readonly delayMs: number
  /** What it sends along; a copy once a tracer has looked at it. */
  sentMetadata: Metadata | undefined
  private copied = false
  private readonly call: ClientCallTracing
  private readonly watches: Watch<AttemptTrace>[] = []
  private sent = 0
  private received = 0
  private ended = false

  constructor(call: ClientCallTracing, number: number, reason: AttemptReason, metadata: Metadata | undefined) {
    this.call = call
    this.number = number
    this.transparent = reason.transparent
    this.hedged = reason.hedged
    this.delayMs = reason.delayMs
    this.sentMetadata = metadata
  }

  begin(calls: readonly Watch<ClientCallTrace>[]): void {
    for (const { tracer, trace } of calls) {
      try {
        const watched = trace.attempt?.(this)
        if (watched !== undefined) this.watches.push({ tracer, trace: watched })
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }

  get metadata(): Metadata {
    if (this.copied) return this.sentMetadata!
    this.copied = true
    return (this.sentMetadata = new Metadata(this.sentMetadata))
  }

  onStream(stream: TracedStream): void {
    for (const { tracer, trace } of this.watches) {
      try {
        trace.onStream?.(stream)
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }

  onHeaders(headers: TracedFields): void {
    const metadata = (): Metadata => Metadata.fromFields(headers.fields)
    for (const { tracer, trace } of this.watches) {
      try {
        trace.onHeaders?.(metadata)
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }

  onMessageSent(size: number, wireSize: number = size, compressed: boolean = false): void {
    const sequence = this.sent++
    for (const { tracer, trace } of this.watches) {
      try {
        trace.onMessageSent?.(sequence, size, wireSize, compressed)
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }

  /** @param inflater what it came through, which knows what it was on the wire */
  onMessageReceived(size: number, inflater: MessageInflater | undefined): void {
    const sequence = this.received++
    const { toldLength: wireSize, toldCompressed: compressed } = inflater ?? { toldLength: size, toldCompressed: false }
    for (const { tracer, trace } of this.watches) {
      try {
        trace.onMessageReceived?.(sequence, size, wireSize, compressed)
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }

  /** It ends by itself, while its call may go on. */
  end(status: Status, endedBy: Ender, error: StatusError | undefined, trailers: TracedFields | undefined): void {
    if (this.ended) return
    this.call.onAttemptEnd(this)
    this.endAs(new Ending(status, endedBy, error, trailers))
  }

  endAs(end: CallEnd): void {
    this.ended = true
    for (const { tracer, trace } of this.watches) {
      try {
        trace.onEnd?.(end)
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }
}

/** Header fields as they came: name, value, name, value … */
export interface TracedFields {
  readonly fields: readonly string[]
}

class CallBeginning implements ClientCallStart {
  readonly id: number = nextCallId()
  readonly target: string
  readonly timeoutMs: number
  parentTrace: ServerCallTrace | undefined = undefined
  private readonly tracing: ClientCallTracing
  private readonly call: TracedClientCall

  constructor(tracing: ClientCallTracing, call: TracedClientCall, target: string, timeoutMs: number) {
    this.tracing = tracing
    this.call = call
    this.target = target
    this.timeoutMs = timeoutMs
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

  get metadata(): Metadata {
    return this.tracing.metadata
  }
}

class Ending implements CallEnd {
  readonly status: Status
  readonly endedBy: Ender
  readonly error: StatusError | undefined
  private readonly fields: TracedFields | undefined

  constructor(status: Status, endedBy: Ender, error: StatusError | undefined, trailers: TracedFields | undefined) {
    this.status = status
    this.endedBy = endedBy
    this.error = error
    this.fields = trailers
  }

  get trailers(): Metadata {
    return this.fields === undefined ? new Metadata() : Metadata.fromFields(this.fields.fields)
  }
}

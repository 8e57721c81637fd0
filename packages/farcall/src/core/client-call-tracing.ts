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
import type { Instant } from "./instant.js"
import type { MessageInflater } from "./message-inflater.js"
import { Metadata } from "./metadata.js"
import type { AnyMethod } from "./service.js"
import { okStatus, type Status } from "./status.js"
import type { StatusError } from "./status-error.js"
import {
  isEnabled,
  nextCallId,
  noTrace,
  noTracer,
  tellReceived,
  tellSent,
  tracerFailed,
  type Watch,
  watchBy,
} from "./tracers.js"
import { currentTurn, type Turn } from "./turn.js"

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
  options: { readonly parent?: ParentContext | undefined } | undefined,
  tracers: readonly CallTracer[],
): ClientCallTracing | undefined {
  let tracing: ClientCallTracing | undefined
  for (const tracer of tracers) {
    if (tracer.clientCall === undefined || !isEnabled(tracer)) continue
    tracing ??= new ClientCallTracing(call, target, timeoutMs)
    tracing.ask(tracer, options?.parent)
  }
  return tracing?.isWatched ? tracing : undefined
}

/** What there is of few calls, or is asked of few: most have none of it. */
class Rarities {
  number = 0
  timeoutMs = Number.POSITIVE_INFINITY
  parentTrace: ServerCallTrace | undefined = undefined
  /** A copy of what the call sends along, where a tracer has looked at it. */
  changed: Metadata | undefined = undefined
  endedBy: Ender = "server"
  error: StatusError | undefined = undefined
}

/**
 * One call of a client, on its way to those who watch it. There is one for each call that is watched, so it is small: it is
 * its own end too, and that of the attempts that end with it.
 */
export class ClientCallTracing implements ClientCallStart, CallEnd, Watch<ClientCallTrace> {
  tracer: CallTracer = noTracer
  trace: ClientCallTrace = noTrace
  next: Watch<ClientCallTrace> | undefined = undefined
  readonly target: string
  private readonly call: TracedClientCall
  private readonly begun: Turn
  private rare: Rarities | undefined = undefined
  /** The attempt that was begun last. */
  private last: AttemptTracing | undefined = undefined
  private over = false
  status: Status = okStatus
  private fields: TracedFields | undefined = undefined
  private ended: Instant | undefined = undefined

  constructor(call: TracedClientCall, target: string, timeoutMs: number) {
    this.call = call
    this.begun = currentTurn(call.clock)
    this.target = target
    if (timeoutMs !== Number.POSITIVE_INFINITY) this.rarities.timeoutMs = timeoutMs
  }

  get isWatched(): boolean {
    return this.trace !== noTrace
  }

  ask(tracer: CallTracer, parent: ParentContext | undefined): void {
    if (parent !== undefined) this.rarities.parentTrace = parent.tracing?.traceBy(tracer)
    try {
      const trace = tracer.clientCall!(this)
      if (trace !== undefined) watchBy(this, tracer, trace, !this.isWatched)
    } catch (error) {
      tracerFailed(tracer, error)
    }
  }

  get id(): number {
    const { rarities } = this
    if (rarities.number === 0) rarities.number = nextCallId()
    return rarities.number
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

  get timeoutMs(): number {
    return this.rare === undefined ? Number.POSITIVE_INFINITY : this.rare.timeoutMs
  }

  get parentTrace(): ServerCallTrace | undefined {
    return this.rare?.parentTrace
  }

  private get rarities(): Rarities {
    return (this.rare ??= new Rarities())
  }

  get startedAt(): number {
    return startOf(this.begun)
  }

  get at(): number {
    return (this.ended ?? this.endNow()).at
  }

  private endNow(): Instant {
    this.ended = { at: this.clock.now() }
    return this.ended
  }

  get endedBy(): Ender {
    return this.rare === undefined ? "server" : this.rare.endedBy
  }

  get error(): StatusError | undefined {
    return this.rare?.error
  }

  get trailers(): Metadata {
    return trailersOf(this.fields)
  }

  get attempts(): AttemptStart[] {
    const attempts: AttemptStart[] = []
    for (let attempt = this.last; attempt !== undefined; attempt = attempt.before) attempts.push(attempt)
    return attempts.reverse()
  }

  get sentMessages(): number {
    return this.sum((attempt) => attempt.sentMessages)
  }

  get sentBytes(): number {
    return this.sum((attempt) => attempt.sentBytes)
  }

  get receivedMessages(): number {
    return this.sum((attempt) => attempt.receivedMessages)
  }

  get receivedBytes(): number {
    return this.sum((attempt) => attempt.receivedBytes)
  }

  private sum(measure: (attempt: AttemptTracing) => number): number {
    let sum = 0
    for (let attempt = this.last; attempt !== undefined; attempt = attempt.before) sum += measure(attempt)
    return sum
  }

  /** What the call sends along, for a tracer to change. */
  get metadata(): Metadata {
    return (this.rarities.changed ??= new Metadata(this.call.ownMetadata))
  }

  /** What goes with every attempt, where that is not only the user's own. */
  get sentMetadata(): Metadata | undefined {
    return this.rare?.changed ?? this.call.ownMetadata
  }

  /**
   * An attempt begins. One of the same number that has not ended is the same: it was begun before the channel knew its
   * service config.
   * @param metadata what it sends along in place of the call's
   */
  attempt(number: number, metadata: Metadata | undefined, reason: AttemptReason = plainAttempt): AttemptTracing {
    const same = this.last?.liveOf(number)
    if (same !== undefined) return same
    const begun = this.last === undefined ? this.begun : currentTurn(this.clock)
    const attempt = new AttemptTracing(this, this.last, begun, number, reason, metadata ?? this.sentMetadata)
    this.last = attempt
    attempt.begin(this)
    return attempt
  }

  /** The call is about to end by this error, and so do the attempts that still run. */
  endAttempts(error: StatusError, endedBy: Ender): void {
    const { live } = this
    if (live !== undefined) endAll(live, new AttemptEnding(error.status, endedBy, error, undefined, this.clock))
  }

  /** The call is over; attempts that still run end as it does. */
  end(error: StatusError | undefined, endedBy: Ender, trailers: TracedFields | undefined): void {
    if (this.over) return
    this.over = true
    const { live } = this
    if (error !== undefined) this.fail(error, endedBy)
    this.fields = trailers
    if (endedBy === "server") this.ended = live?.connection?.heard
    endAll(live, this)
    for (let watch: Watch<ClientCallTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        watch.trace.onEnd?.(this, this)
      } catch (fault) {
        tracerFailed(watch.tracer, fault)
      }
    }
  }

  private fail(error: StatusError, endedBy: Ender): void {
    this.status = error.status
    this.rarities.error = error
    this.rarities.endedBy = endedBy
  }

  /** The last attempt that has not ended. */
  private get live(): AttemptTracing | undefined {
    return this.last?.live
  }
}

/** The attempts that have not ended, from this one on. */
function endAll(live: AttemptTracing | undefined, end: CallEnd): void {
  for (let attempt = live; attempt !== undefined; attempt = attempt.before?.live) attempt.endAs(end)
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
  /** The attempt that was begun before it. */
  readonly before: AttemptTracing | undefined
  private readonly begun: Turn
  /** Its connection, once it has one. */
  connection: TracedConnection | undefined = undefined
  sentMessages = 0
  sentBytes = 0
  receivedMessages = 0
  receivedBytes = 0
  private ended = false
  /** Somebody hears of more than how it begins and ends. */
  private heardOn = false

  constructor(
    call: ClientCallTracing,
    before: AttemptTracing | undefined,
    begun: Turn,
    number: number,
    reason: AttemptReason,
    metadata: Metadata | undefined,
  ) {
    this.call = call
    this.before = before
    this.begun = begun
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

  /** It, or the one before it that has not ended. */
  get live(): AttemptTracing | undefined {
    let attempt: AttemptTracing | undefined = this
    while (attempt?.ended) attempt = attempt.before
    return attempt
  }

  /** The one of this number that has not ended, of it and those before it. */
  liveOf(number: number): AttemptTracing | undefined {
    for (let attempt = this.live; attempt !== undefined; attempt = attempt.before?.live)
      if (attempt.number === number) return attempt
    return undefined
  }

  get startedAt(): number {
    return startOf(this.begun)
  }

  begin(told: ClientCallTracing): void {
    for (let call: Watch<ClientCallTrace> | undefined = told; call !== undefined; call = call.next) {
      try {
        const trace = call.trace.attempt?.(this, told)
        if (trace === undefined) continue
        watchBy(this, call.tracer, trace, this.trace === noTrace)
        if (hearsSteps(trace)) this.heardOn = true
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
    if (this.heardOn) this.tellStream({ peer, connectionId: connection.id, streamId, compression })
  }

  private tellStream(stream: TracedStream): void {
    for (let watch: Watch<AttemptTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        watch.trace.onStream?.(stream)
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
  }

  onHeaders(headers: TracedFields): void {
    if (this.heardOn) this.tellHeaders(headers)
  }

  private tellHeaders(headers: TracedFields): void {
    for (let watch: Watch<AttemptTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        if (watch.trace.onHeaders !== undefined) watch.trace.onHeaders(() => Metadata.fromFields(headers.fields))
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
  }

  onMessageSent(size: number, wireSize: number = size, compressed: boolean = false): void {
    const sequence = this.sentMessages++
    this.sentBytes += wireSize
    if (this.heardOn) tellSent(this, sequence, size, wireSize, compressed)
  }

  /** @param inflater what it came through, which knows what it was on the wire */
  onMessageReceived(size: number, inflater: MessageInflater | undefined): void {
    const sequence = this.receivedMessages++
    const wireSize = inflater === undefined ? size : inflater.toldLength
    this.receivedBytes += wireSize
    if (this.heardOn) tellReceived(this, sequence, size, wireSize, inflater?.toldCompressed === true)
  }

  /** It ends by itself, while its call may go on. */
  end(status: Status, endedBy: Ender, error: StatusError | undefined, trailers: TracedFields | undefined): void {
    if (this.ended) return
    this.endAs(new AttemptEnding(status, endedBy, error, trailers, this.call.clock, this.connection))
  }

  endAs(end: CallEnd): void {
    this.ended = true
    for (let watch: Watch<AttemptTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        watch.trace.onEnd?.(end, this)
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
  }
}

function hearsSteps({ onStream, onHeaders, onMessageSent, onMessageReceived }: AttemptTrace): boolean {
  return (onStream ?? onHeaders ?? onMessageSent ?? onMessageReceived) !== undefined
}

/** Header fields as they came: name, value, name, value … */
export interface TracedFields {
  readonly fields: readonly string[]
}

/** A connection, as far as its streams' tracing knows it. */
export interface TracedConnection {
  readonly id: number
  /** When bytes came last. */
  readonly heard: Instant
}

/** Requests leave when the turn is over in which they are made. */
function startOf({ begunAt, endedAt }: Turn): number {
  return endedAt ?? begunAt
}

function trailersOf(sent: TracedFields | undefined): Metadata {
  return sent === undefined ? new Metadata() : Metadata.fromFields(sent.fields)
}

/** Of an attempt that ends before its call does. */
class AttemptEnding implements CallEnd {
  readonly status: Status
  readonly endedBy: Ender
  readonly error: StatusError | undefined
  private readonly fields: TracedFields | undefined
  private readonly clock: Clock
  private when: Instant | undefined

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
    this.when = endedBy === "server" ? connection?.heard : undefined
  }

  get at(): number {
    this.when ??= { at: this.clock.now() }
    return this.when.at
  }

  get trailers(): Metadata {
    return trailersOf(this.fields)
  }
}

import type {
  AttemptStart,
  AttemptTrace,
  CallEnd,
  ClientCallStart,
  ClientCallTrace,
  TracedStream,
} from "../core/call-tracer.js"
import type { AttemptKind, ClientMetrics, Measured, MeasuredCall } from "./call-metrics.js"
import type { MeasuredTurn, MeasuredTurns } from "./measured-turns.js"
import type { AttemptSpan, ClientSpan } from "./spans.js"

/** One call of a client: its span, and what is measured of it, which is mostly the sum of its attempts. */
export class ClientCall implements ClientCallTrace, MeasuredCall {
  private readonly start: ClientCallStart
  private readonly turns: MeasuredTurns
  /** The one in which it began; `undefined`: nothing is measured. */
  private readonly turn: MeasuredTurn | undefined
  readonly metrics: readonly ClientMetrics[]
  private readonly span: ClientSpan | undefined
  private last: CallAttempt | undefined = undefined

  constructor(
    start: ClientCallStart,
    turns: MeasuredTurns,
    metrics: readonly ClientMetrics[],
    span: ClientSpan | undefined,
  ) {
    this.start = start
    this.turns = turns
    this.turn = metrics.length > 0 ? turns.current(start.clock) : undefined
    this.metrics = metrics
    this.span = span
  }

  attempt(start: AttemptStart): AttemptTrace {
    const kind = kindOf(start)
    for (const metrics of this.metrics) metrics.onAttempt?.(kind)
    const { span } = this
    const first = kind === "original" || this.turn === undefined
    const turn = first ? this.turn : this.turns.current(this.start.clock)
    this.last =
      span === undefined
        ? new CallAttempt(this, start, turn, this.last, undefined)
        : new SpannedAttempt(this, start, turn, this.last, span.attempt(start))
    return this.last
  }

  onEnd(end: CallEnd): void {
    if (this.turn !== undefined) {
      const seconds = secondsSince(this.turn, end)
      for (const metrics of this.metrics) metrics.onEnd(end.status, seconds, this)
    }
    this.span?.end(end)
  }

  get sentBytes(): number {
    return this.sum((attempt) => attempt.sentBytes)
  }

  get receivedBytes(): number {
    return this.sum((attempt) => attempt.receivedBytes)
  }

  get sentMessages(): number {
    return this.sum((attempt) => attempt.sentMessages)
  }

  get receivedMessages(): number {
    return this.sum((attempt) => attempt.receivedMessages)
  }

  count(kind: AttemptKind): number {
    return this.sum((attempt) => (kindOf(attempt.start) === kind ? 1 : 0))
  }

  get retryDelayMs(): number {
    return this.sum((attempt) => (kindOf(attempt.start) === "retry" ? attempt.start.delayMs : 0))
  }

  private sum(measure: (attempt: CallAttempt) => number): number {
    let sum = 0
    for (let attempt = this.last; attempt !== undefined; attempt = attempt.before) sum += measure(attempt)
    return sum
  }
}

/** What ends in the turn in which it began took no time. */
function secondsSince({ endedAt }: MeasuredTurn, { at }: CallEnd): number {
  return endedAt === undefined ? 0 : Math.max(0, at - endedAt) / 1000
}

function kindOf({ number, transparent, hedged }: AttemptStart): AttemptKind {
  if (transparent) return "transparent"
  if (number === 1) return "original"
  return hedged ? "hedge" : "retry"
}

/** One attempt at it. */
class CallAttempt implements AttemptTrace, Measured {
  readonly start: AttemptStart
  /** The attempt that was begun before it. */
  readonly before: CallAttempt | undefined
  sentBytes = 0
  receivedBytes = 0
  sentMessages = 0
  receivedMessages = 0
  private readonly call: ClientCall
  private readonly turn: MeasuredTurn | undefined
  protected readonly span: AttemptSpan | undefined

  constructor(
    call: ClientCall,
    start: AttemptStart,
    turn: MeasuredTurn | undefined,
    before: CallAttempt | undefined,
    span: AttemptSpan | undefined,
  ) {
    this.call = call
    this.start = start
    this.turn = turn
    this.before = before
    this.span = span
  }

  onMessageSent(sequence: number, size: number, wireSize: number): void {
    this.sentBytes += wireSize
    this.sentMessages++
    this.span?.span.onMessage("Outbound", sequence, size, wireSize)
  }

  onMessageReceived(sequence: number, size: number, wireSize: number): void {
    this.receivedBytes += wireSize
    this.receivedMessages++
    this.span?.span.onMessage("Inbound", sequence, size, wireSize)
  }

  onEnd(end: CallEnd): void {
    if (this.turn !== undefined) {
      const seconds = secondsSince(this.turn, end)
      for (const series of this.call.metrics) series.onAttemptEnd?.(end.status, seconds, this)
    }
    this.span?.end(end)
  }
}

/** One that has a span. */
class SpannedAttempt extends CallAttempt {
  onStream({ peer }: TracedStream): void {
    this.span!.span.onPeer(peer)
  }
}

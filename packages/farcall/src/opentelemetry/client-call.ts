import type {
  AttemptStart,
  AttemptTrace,
  CallEnd,
  ClientCallStart,
  ClientCallTrace,
  TracedStream,
} from "../core/call-tracer.js"
import type { AttemptKind, ClientMetrics, MeasuredCall } from "./call-metrics.js"
import type { MeasuredTurn, MeasuredTurns } from "./measured-turns.js"
import type { AttemptSpan, ClientSpan } from "./spans.js"

/** What is measured of one call of a client, which is mostly the sum of its attempts. */
export class ClientCall implements ClientCallTrace, MeasuredCall {
  protected readonly metrics: readonly ClientMetrics[]
  private readonly start: ClientCallStart
  private readonly turns: MeasuredTurns
  /** The one in which it began; `undefined`: nothing is measured. */
  private readonly turn: MeasuredTurn | undefined
  private last: CallAttempt | undefined = undefined

  constructor(start: ClientCallStart, turns: MeasuredTurns, metrics: readonly ClientMetrics[]) {
    this.start = start
    this.turns = turns
    this.metrics = metrics
    this.turn = metrics.length > 0 ? turns.current(start.clock) : undefined
  }

  attempt(start: AttemptStart): AttemptTrace {
    const kind = kindOf(start)
    for (const series of this.metrics) series.onAttempt?.(kind)
    const first = kind === "original" || this.turn === undefined
    const turn = first ? this.turn : this.turns.current(this.start.clock)
    return (this.last = this.makeAttempt(start, turn, this.last))
  }

  protected makeAttempt(
    start: AttemptStart,
    turn: MeasuredTurn | undefined,
    before: CallAttempt | undefined,
  ): CallAttempt {
    return new CallAttempt(this.metrics, start, turn, before)
  }

  onEnd(end: CallEnd): void {
    if (this.turn === undefined) return
    const seconds = secondsSince(this.turn, end)
    for (const series of this.metrics) series.onEnd(end.status, seconds, this)
  }

  get sentMessages(): number {
    return this.sum(({ start }) => start.sentMessages)
  }

  get sentBytes(): number {
    return this.sum(({ start }) => start.sentBytes)
  }

  get receivedMessages(): number {
    return this.sum(({ start }) => start.receivedMessages)
  }

  get receivedBytes(): number {
    return this.sum(({ start }) => start.receivedBytes)
  }

  count(kind: AttemptKind): number {
    return this.sum(({ start }) => (kindOf(start) === kind ? 1 : 0))
  }

  get retryDelayMs(): number {
    return this.sum(({ start }) => (kindOf(start) === "retry" ? start.delayMs : 0))
  }

  private sum(measure: (attempt: CallAttempt) => number): number {
    let sum = 0
    for (let attempt = this.last; attempt !== undefined; attempt = attempt.before) sum += measure(attempt)
    return sum
  }
}

/** One that has a span. */
export class SpannedClientCall extends ClientCall {
  private readonly span: ClientSpan

  constructor(start: ClientCallStart, turns: MeasuredTurns, metrics: readonly ClientMetrics[], span: ClientSpan) {
    super(start, turns, metrics)
    this.span = span
  }

  protected override makeAttempt(
    start: AttemptStart,
    turn: MeasuredTurn | undefined,
    before: CallAttempt | undefined,
  ): CallAttempt {
    return new SpannedAttempt(this.metrics, start, turn, before, this.span.attempt(start))
  }

  override onEnd(end: CallEnd): void {
    super.onEnd(end)
    this.span.end(end)
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
class CallAttempt implements AttemptTrace {
  readonly start: AttemptStart
  /** The attempt that was begun before it. */
  readonly before: CallAttempt | undefined
  private readonly metrics: readonly ClientMetrics[]
  private readonly turn: MeasuredTurn | undefined

  constructor(
    metrics: readonly ClientMetrics[],
    start: AttemptStart,
    turn: MeasuredTurn | undefined,
    before: CallAttempt | undefined,
  ) {
    this.metrics = metrics
    this.start = start
    this.turn = turn
    this.before = before
  }

  onEnd(end: CallEnd): void {
    if (this.turn === undefined) return
    const seconds = secondsSince(this.turn, end)
    for (const series of this.metrics) series.onAttemptEnd?.(end.status, seconds, this.start)
  }
}

class SpannedAttempt extends CallAttempt {
  private readonly span: AttemptSpan

  constructor(
    metrics: readonly ClientMetrics[],
    start: AttemptStart,
    turn: MeasuredTurn | undefined,
    before: CallAttempt | undefined,
    span: AttemptSpan,
  ) {
    super(metrics, start, turn, before)
    this.span = span
  }

  onStream({ peer }: TracedStream): void {
    this.span.span.onPeer(peer)
  }

  onMessageSent(sequence: number, size: number, wireSize: number): void {
    this.span.span.onMessage("Outbound", sequence, size, wireSize)
  }

  onMessageReceived(sequence: number, size: number, wireSize: number): void {
    this.span.span.onMessage("Inbound", sequence, size, wireSize)
  }

  override onEnd(end: CallEnd): void {
    super.onEnd(end)
    this.span.end(end)
  }
}

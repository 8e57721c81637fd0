import type { AttemptStart, AttemptTrace, CallEnd, ClientCallTrace, TracedStream } from "../core/call-tracer.js"
import type { Clock } from "../core/clock.js"
import type { AttemptKind, ClientMetrics, Measured, MeasuredCall } from "./call-metrics.js"
import type { AttemptSpan, ClientSpan } from "./spans.js"

/** One call of a client: its span, and what is measured of it, which is mostly the sum of its attempts. */
export class ClientCall implements ClientCallTrace, MeasuredCall {
  readonly clock: Clock
  readonly startedAt: number
  readonly metrics: readonly ClientMetrics[]
  private readonly span: ClientSpan | undefined
  private last: CallAttempt | undefined = undefined

  constructor(clock: Clock, startedAt: number, metrics: readonly ClientMetrics[], span: ClientSpan | undefined) {
    this.clock = clock
    this.startedAt = startedAt
    this.metrics = metrics
    this.span = span
  }

  attempt(start: AttemptStart): AttemptTrace {
    const kind = kindOf(start)
    for (const metrics of this.metrics) metrics.onAttempt?.(kind)
    const startedAt = kind === "original" ? this.startedAt : this.clock.now()
    this.last = new CallAttempt(this, kind, startedAt, start.delayMs, this.last, this.span?.attempt(start))
    return this.last
  }

  onEnd(end: CallEnd): void {
    if (this.metrics.length > 0) {
      const seconds = (end.at - this.startedAt) / 1000
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
    return this.sum((attempt) => (attempt.kind === kind ? 1 : 0))
  }

  get retryDelayMs(): number {
    return this.sum((attempt) => (attempt.kind === "retry" ? attempt.delayMs : 0))
  }

  private sum(measure: (attempt: CallAttempt) => number): number {
    let sum = 0
    for (let attempt = this.last; attempt !== undefined; attempt = attempt.before) sum += measure(attempt)
    return sum
  }
}

function kindOf({ number, transparent, hedged }: AttemptStart): AttemptKind {
  if (transparent) return "transparent"
  if (number === 1) return "original"
  return hedged ? "hedge" : "retry"
}

/** One attempt at it. */
class CallAttempt implements AttemptTrace, Measured {
  readonly kind: AttemptKind
  readonly delayMs: number
  /** The attempt that was begun before it. */
  readonly before: CallAttempt | undefined
  sentBytes = 0
  receivedBytes = 0
  sentMessages = 0
  receivedMessages = 0
  private readonly call: ClientCall
  private readonly startedAt: number
  private readonly span: AttemptSpan | undefined

  constructor(
    call: ClientCall,
    kind: AttemptKind,
    startedAt: number,
    delayMs: number,
    before: CallAttempt | undefined,
    span: AttemptSpan | undefined,
  ) {
    this.call = call
    this.kind = kind
    this.startedAt = startedAt
    this.delayMs = delayMs
    this.before = before
    this.span = span
  }

  onStream({ peer }: TracedStream): void {
    this.span?.span.onPeer(peer)
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
    const { metrics } = this.call
    if (metrics.length > 0) {
      const seconds = (end.at - this.startedAt) / 1000
      for (const series of metrics) series.onAttemptEnd?.(end.status, seconds, this)
    }
    this.span?.end(end)
  }
}

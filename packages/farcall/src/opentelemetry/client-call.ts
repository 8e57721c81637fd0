import type { AttemptStart, AttemptTrace, CallEnd, ClientCallTrace, TracedStream } from "../core/call-tracer.js"
import type { Clock } from "../core/clock.js"
import type { AttemptKind, ClientMetrics, Measured, MeasuredCall } from "./call-metrics.js"
import type { AttemptSpan, ClientSpan } from "./spans.js"

/** One call of a client: its span, and what is measured of it. */
export class ClientCall implements ClientCallTrace, MeasuredCall {
  sentBytes = 0
  receivedBytes = 0
  sentMessages = 0
  receivedMessages = 0
  retries = 0
  hedges = 0
  transparentRetries = 0
  retryDelayMs = 0
  readonly clock: Clock
  readonly metrics: readonly ClientMetrics[]
  private readonly span: ClientSpan | undefined
  readonly startedAt: number

  constructor(clock: Clock, startedAt: number, metrics: readonly ClientMetrics[], span: ClientSpan | undefined) {
    this.clock = clock
    this.metrics = metrics
    this.span = span
    this.startedAt = startedAt
  }

  attempt(start: AttemptStart): AttemptTrace {
    const kind = this.count(start)
    for (const metrics of this.metrics) metrics.onAttempt?.(kind)
    const startedAt = kind === "original" ? this.startedAt : this.clock.now()
    return new CallAttempt(this, startedAt, this.span?.attempt(start))
  }

  private count({ number, transparent, hedged, delayMs }: AttemptStart): AttemptKind {
    if (transparent) {
      this.transparentRetries++
      return "transparent"
    }
    if (number === 1) return "original"
    if (hedged) {
      this.hedges++
      return "hedge"
    }
    this.retries++
    this.retryDelayMs += delayMs
    return "retry"
  }

  onEnd(end: CallEnd): void {
    if (this.metrics.length > 0) {
      const seconds = (end.at - this.startedAt) / 1000
      for (const metrics of this.metrics) metrics.onEnd(end.status, seconds, this)
    }
    this.span?.end(end)
  }
}

/** One attempt at it. */
class CallAttempt implements AttemptTrace, Measured {
  sentBytes = 0
  receivedBytes = 0
  sentMessages = 0
  receivedMessages = 0
  private readonly call: ClientCall
  private readonly span: AttemptSpan | undefined
  private readonly startedAt: number

  constructor(call: ClientCall, startedAt: number, span: AttemptSpan | undefined) {
    this.call = call
    this.startedAt = startedAt
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
    const { call } = this
    call.sentBytes += this.sentBytes
    call.receivedBytes += this.receivedBytes
    call.sentMessages += this.sentMessages
    call.receivedMessages += this.receivedMessages
    if (call.metrics.length > 0) {
      const seconds = (end.at - this.startedAt) / 1000
      for (const metrics of call.metrics) metrics.onAttemptEnd?.(end.status, seconds, this)
    }
    this.span?.end(end)
  }
}

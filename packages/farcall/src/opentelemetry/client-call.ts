import type {
  AttemptStart,
  AttemptTrace,
  CallEnd,
  ClientCallStart,
  ClientCallTrace,
  TracedStream,
} from "../core/call-tracer.js"
import type { ClientMetrics } from "./call-metrics.js"
import type { AttemptSpan, ClientSpan } from "./spans.js"

/** What is measured of a client's calls of one method to one target: the same trace for all of them. */
export class MeasuredClientCalls implements ClientCallTrace {
  readonly attempts: MeasuredAttempts
  private readonly metrics: ClientMetrics | undefined

  constructor(metrics: ClientMetrics | undefined) {
    this.metrics = metrics
    this.attempts = new MeasuredAttempts(metrics)
  }

  attempt(): AttemptTrace {
    this.metrics?.onAttempt()
    return this.attempts
  }

  onEnd(end: CallEnd, call: ClientCallStart): void {
    // Without, the clock may not have to be read.
    if (this.metrics !== undefined) this.metrics.onEnd(end.status, (end.at - call.startedAt) / 1000, call)
  }
}

/** What is measured of their attempts. */
class MeasuredAttempts implements AttemptTrace {
  private readonly metrics: ClientMetrics | undefined

  constructor(metrics: ClientMetrics | undefined) {
    this.metrics = metrics
  }

  onEnd(end: CallEnd, attempt: AttemptStart): void {
    if (this.metrics !== undefined) this.metrics.onAttemptEnd(end.status, (end.at - attempt.startedAt) / 1000, attempt)
  }
}

/** One call that has a span. */
export class SpannedClientCall implements ClientCallTrace {
  private readonly measured: MeasuredClientCalls
  private readonly span: ClientSpan

  constructor(measured: MeasuredClientCalls, span: ClientSpan) {
    this.measured = measured
    this.span = span
  }

  attempt(attempt: AttemptStart): AttemptTrace {
    return new SpannedAttempt(this.measured.attempt(), this.span.attempt(attempt))
  }

  onEnd(end: CallEnd, call: ClientCallStart): void {
    this.measured.onEnd(end, call)
    this.span.end(end)
  }
}

class SpannedAttempt implements AttemptTrace {
  private readonly measured: AttemptTrace
  private readonly span: AttemptSpan

  constructor(measured: AttemptTrace, span: AttemptSpan) {
    this.measured = measured
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

  onEnd(end: CallEnd, attempt: AttemptStart): void {
    this.measured.onEnd!(end, attempt)
    this.span.end(end)
  }
}

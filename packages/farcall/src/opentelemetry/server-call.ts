import type { CallEnd, ServerCallTrace } from "../core/call-tracer.js"
import type { Clock } from "../core/clock.js"
import type { Measured, ServerMetrics } from "./call-metrics.js"
import type { CallSpan } from "./spans.js"

/** One call of a server: its span, and what is measured of it. */
export class ServerCall implements ServerCallTrace, Measured {
  seconds = 0
  sentBytes = 0
  receivedBytes = 0
  sentMessages = 0
  receivedMessages = 0
  readonly span: CallSpan | undefined
  private readonly clock: Clock
  private readonly metrics: readonly ServerMetrics[]
  private readonly startedAt: number

  constructor(clock: Clock, metrics: readonly ServerMetrics[], span: CallSpan | undefined) {
    this.clock = clock
    this.metrics = metrics
    this.span = span
    this.startedAt = clock.now()
    for (const series of metrics) series.onStart?.()
  }

  run(call: () => void): void {
    if (this.span === undefined) call()
    else this.span.run(call)
  }

  onMessageSent(sequence: number, size: number, wireSize: number): void {
    this.sentBytes += wireSize
    this.sentMessages++
    this.span?.onMessage("Outbound", sequence, size, wireSize)
  }

  onMessageReceived(sequence: number, size: number, wireSize: number): void {
    this.receivedBytes += wireSize
    this.receivedMessages++
    this.span?.onMessage("Inbound", sequence, size, wireSize)
  }

  onEnd(end: CallEnd): void {
    this.seconds = (this.clock.now() - this.startedAt) / 1000
    for (const metrics of this.metrics) metrics.onEnd(end.status, this)
    this.span?.end(end)
  }
}

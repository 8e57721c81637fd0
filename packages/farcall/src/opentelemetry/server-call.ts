import type { CallEnd, ServerCallTrace } from "../core/call-tracer.js"
import type { Metadata } from "../core/metadata.js"
import type { Measured, ServerMetrics } from "./call-metrics.js"
import type { CallSpan } from "./spans.js"
import { putContext } from "./worker-context.js"

/** One call of a server: its span, and what is measured of it. */
export class ServerCall implements ServerCallTrace, Measured {
  sentBytes = 0
  receivedBytes = 0
  sentMessages = 0
  receivedMessages = 0
  readonly span: CallSpan | undefined
  private readonly metrics: readonly ServerMetrics[]
  private readonly startedAt: number

  constructor(startedAt: number, metrics: readonly ServerMetrics[], span: CallSpan | undefined) {
    this.metrics = metrics
    this.span = span
    this.startedAt = startedAt
    for (const series of metrics) series.onStart?.()
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
    if (this.metrics.length > 0) {
      const seconds = (end.at - this.startedAt) / 1000
      for (const metrics of this.metrics) metrics.onEnd(end.status, seconds, this)
    }
    this.span?.end(end)
  }
}

/** One whose handler runs in its span's context. */
export class SpannedServerCall extends ServerCall {
  run(call: () => void): void {
    this.span!.run(call)
  }

  onWorker(carried: Metadata): void {
    putContext(this.span!.context, carried)
  }
}

import type { CallEnd, ServerCallStart, ServerCallTrace } from "../core/call-tracer.js"
import type { Metadata } from "../core/metadata.js"
import { okStatus, type Status } from "../core/status.js"
import type { Measured, ServerMetrics } from "./call-metrics.js"
import type { EndedInTurn, MeasuredTurns } from "./measured-turns.js"
import type { CallSpan } from "./spans.js"
import { putContext } from "./worker-context.js"

/** One call of a server: its span, and what is measured of it. */
export class ServerCall implements ServerCallTrace, EndedInTurn, Measured {
  sentBytes = 0
  receivedBytes = 0
  sentMessages = 0
  receivedMessages = 0
  readonly span: CallSpan | undefined
  private readonly metrics: readonly ServerMetrics[]
  private readonly start: ServerCallStart
  private readonly turns: MeasuredTurns
  private status: Status = okStatus

  constructor(
    start: ServerCallStart,
    turns: MeasuredTurns,
    metrics: readonly ServerMetrics[],
    span: CallSpan | undefined,
  ) {
    this.turns = turns
    this.metrics = metrics
    this.span = span
    this.start = start
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
      this.status = end.status
      this.turns.current(this.start.clock).add(this)
    }
    this.span?.end(end)
  }

  measure(at: number): void {
    const seconds = (at - this.start.startedAt) / 1000
    for (const metrics of this.metrics) metrics.onEnd(this.status, seconds, this)
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

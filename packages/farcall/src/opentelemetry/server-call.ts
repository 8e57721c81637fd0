import type { CallEnd, ServerCallStart, ServerCallTrace } from "../core/call-tracer.js"
import type { Metadata } from "../core/metadata.js"
import { okStatus, type Status } from "../core/status.js"
import type { ServerMetrics } from "./call-metrics.js"
import type { EndedInTurn, MeasuredTurns } from "./measured-turns.js"
import type { CallSpan } from "./spans.js"
import { putContext } from "./worker-context.js"

/** What is measured of one call of a server. */
export class ServerCall implements ServerCallTrace, EndedInTurn {
  private readonly start: ServerCallStart
  private readonly turns: MeasuredTurns
  private readonly metrics: readonly ServerMetrics[]
  private status: Status = okStatus

  constructor(start: ServerCallStart, turns: MeasuredTurns, metrics: readonly ServerMetrics[]) {
    this.start = start
    this.turns = turns
    this.metrics = metrics
    for (const series of metrics) series.onStart?.()
  }

  onEnd({ status }: CallEnd): void {
    if (this.metrics.length === 0) return
    this.status = status
    this.turns.current(this.start.clock).add(this)
  }

  measure(at: number): void {
    const { start } = this
    const seconds = (at - start.startedAt) / 1000
    for (const series of this.metrics) series.onEnd(this.status, seconds, start)
  }
}

/** One that has a span, in whose context the handler runs. */
export class SpannedServerCall extends ServerCall {
  readonly span: CallSpan

  constructor(start: ServerCallStart, turns: MeasuredTurns, metrics: readonly ServerMetrics[], span: CallSpan) {
    super(start, turns, metrics)
    this.span = span
  }

  run(call: () => void): void {
    this.span.run(call)
  }

  onWorker(carried: Metadata): void {
    putContext(this.span.context, carried)
  }

  onMessageSent(sequence: number, size: number, wireSize: number): void {
    this.span.onMessage("Outbound", sequence, size, wireSize)
  }

  onMessageReceived(sequence: number, size: number, wireSize: number): void {
    this.span.onMessage("Inbound", sequence, size, wireSize)
  }

  override onEnd(end: CallEnd): void {
    super.onEnd(end)
    this.span.end(end)
  }
}

import type { CallEnd, ServerCallStart, ServerCallTrace } from "../core/call-tracer.js"
import type { Metadata } from "../core/metadata.js"
import type { Status } from "../core/status.js"
import type { ServerMetrics } from "./call-metrics.js"
import type { EndMeasure, MeasuredEnds } from "./measured-ends.js"
import type { CallSpan } from "./spans.js"
import { putContext } from "./worker-context.js"

/** What is measured of a server's calls of one method: the same trace for all of them. */
export class MeasuredServerCalls implements ServerCallTrace, EndMeasure {
  private readonly metrics: ServerMetrics | undefined
  private readonly ends: MeasuredEnds

  constructor(metrics: ServerMetrics | undefined, ends: MeasuredEnds) {
    this.metrics = metrics
    this.ends = ends
  }

  begin(): void {
    this.metrics?.onStart()
  }

  onEnd(end: CallEnd, call: ServerCallStart): void {
    if (this.metrics !== undefined) this.ends.add(call, end.status, this)
  }

  measure(call: ServerCallStart, status: Status, at: number): void {
    this.metrics!.onEnd(status, (at - call.startedAt) / 1000, call)
  }
}

/** One call that has a span, in whose context the handler runs. */
export class SpannedServerCall implements ServerCallTrace {
  readonly span: CallSpan
  private readonly measured: MeasuredServerCalls

  constructor(measured: MeasuredServerCalls, span: CallSpan) {
    this.measured = measured
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

  onEnd(end: CallEnd, call: ServerCallStart): void {
    this.measured.onEnd(end, call)
    this.span.end(end)
  }
}

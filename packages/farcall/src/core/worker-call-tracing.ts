import type { CallTracer, ServerCallTrace } from "./call-tracer.js"
import { Metadata } from "./metadata.js"
import type { HandlerTracing } from "./server-call-tracing.js"
import {
  globalTracers,
  isEnabled,
  noTrace,
  noTracer,
  runWithin,
  type Tracers,
  traceOf,
  tracerFailed,
  tracersWith,
  type Watch,
  watchBy,
} from "./tracers.js"

/**
 * Tells the tracers of a worker thread of a call that its server watches; `undefined`: none of them cares.
 * @param carried what the server's tracers send along, as metadata's fields; `undefined`: nothing
 */
export function traceWorkerCall(
  carried: readonly string[] | undefined,
  tracers: Tracers,
): WorkerCallTracing | undefined {
  if (carried === undefined) return undefined
  const told = Metadata.fromFields(carried)
  let tracing: WorkerCallTracing | undefined
  for (const tracer of tracersWith(tracers, globalTracers.forServers) ?? []) {
    if (tracer.workerCall === undefined || !isEnabled(tracer)) continue
    tracing ??= new WorkerCallTracing()
    tracing.ask(tracer, told)
  }
  return tracing?.isWatched ? tracing : undefined
}

/** A server's call on its worker thread: what stands around the handler there. All else is told on the server's own. */
export class WorkerCallTracing implements HandlerTracing, Watch<ServerCallTrace> {
  tracer: CallTracer = noTracer
  trace: ServerCallTrace = noTrace
  next: Watch<ServerCallTrace> | undefined = undefined
  runs = false

  get isWatched(): boolean {
    return this.trace !== noTrace
  }

  ask(tracer: CallTracer, carried: Metadata): void {
    try {
      const trace = tracer.workerCall!(carried)
      if (trace === undefined) return
      watchBy(this, tracer, trace, !this.isWatched)
      if (trace.run !== undefined) this.runs = true
    } catch (error) {
      tracerFailed(tracer, error)
    }
  }

  traceBy(tracer: CallTracer): ServerCallTrace | undefined {
    return traceOf(this, tracer)
  }

  run(call: () => void): void {
    runWithin(this, call)
  }

  onHandler(): void {}

  failed(): void {}

  /** It is where it was carried to. */
  carried(): undefined {
    return undefined
  }
}

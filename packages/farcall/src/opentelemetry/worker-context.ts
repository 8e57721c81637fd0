import {
  type BaggageEntry,
  baggageEntryMetadataFromString,
  type Context,
  context,
  createTraceState,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from "@opentelemetry/api"
import type { ServerCallTrace } from "../core/call-tracer.js"
import type { Metadata } from "../core/metadata.js"

/** What of a context crosses to a worker thread of the process, as JSON: no propagator needs to know of it. */
interface Carried {
  readonly span: Pick<SpanContext, "traceId" | "spanId" | "traceFlags">
  readonly traceState: string | undefined
  /** Key, value, metadata. */
  readonly baggage: readonly (readonly [string, string, string | undefined])[]
}

const key = "opentelemetry-bin"

/** Sends a context's span and baggage along with a call to its worker thread. */
export function putContext(from: Context, carried: Metadata): void {
  const span = trace.getSpanContext(from)
  if (span === undefined) return
  const { traceId, spanId, traceFlags, traceState } = span
  const entries = propagation.getBaggage(from)?.getAllEntries() ?? []
  const content: Carried = {
    span: { traceId, spanId, traceFlags },
    traceState: traceState?.serialize(),
    baggage: entries.map(([name, { value, metadata }]) => [name, value, metadata?.toString()]),
  }
  carried.set(key, new TextEncoder().encode(JSON.stringify(content)))
}

/** The context that was sent along; `undefined`: none was. */
export function takeContext(carried: Metadata): Context | undefined {
  const bytes = carried.get(key)
  if (bytes === undefined) return undefined
  const { span, traceState, baggage } = JSON.parse(new TextDecoder().decode(bytes)) as Carried
  const whole = traceState === undefined ? span : { ...span, traceState: createTraceState(traceState) }
  const spanned = trace.setSpanContext(ROOT_CONTEXT, whole)
  if (baggage.length === 0) return spanned
  const entries = baggage.map(([name, value, metadata]): [string, BaggageEntry] => [
    name,
    metadata === undefined ? { value } : { value, metadata: baggageEntryMetadataFromString(metadata) },
  ])
  return propagation.setBaggage(spanned, propagation.createBaggage(Object.fromEntries(entries)))
}

/** A call whose handler runs on this worker thread, in the context of the span that its server has made. */
export class WorkerCall implements ServerCallTrace {
  readonly context: Context

  constructor(within: Context) {
    this.context = within
  }

  run(call: () => void): void {
    context.with(this.context, call)
  }
}

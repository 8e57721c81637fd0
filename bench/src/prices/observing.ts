import { W3CTraceContextPropagator } from "@opentelemetry/core"
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics"
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base"
import type { CallTracer } from "farcall"
import { CallMetricProducer, openTelemetry } from "farcall/opentelemetry"
import { BARE, type Feature } from "./features.js"

/** Sums up, as for an exporter that asks now and then. */
class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Takes spans in batches, and throws them away. */
const nowhere: SpanExporter = {
  export: (_spans, done) => done({ code: 0 }),
  shutdown: async () => {},
}

function withInstruments(): CallTracer {
  const meterProvider = new MeterProvider({ readers: [new Reader()] })
  return openTelemetry({ tracerProvider: false, meterProvider })
}

function withSums(): CallTracer {
  const sums = new CallMetricProducer()
  // The SDK's part begins when a reader asks: it is here so that its memory is.
  new MeterProvider({ readers: [new Reader({ metricProducers: [sums] })] })
  return openTelemetry({ tracerProvider: false, meterProvider: sums })
}

function withSpans(spans: "grpc" | "rpc"): CallTracer {
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(nowhere)] })
  return openTelemetry({ tracerProvider, meterProvider: false, spans, propagator: new W3CTraceContextPropagator() })
}

/** Told of all that there is to tell, and does nothing with it. */
const listens: CallTracer = {
  clientCall: () => ({ attempt: () => ({ onMessageSent() {}, onMessageReceived() {}, onEnd() {} }), onEnd() {} }),
  serverCall: () => ({ onMessageSent() {}, onMessageReceived() {}, onEnd() {} }),
}

/** Ways to look at calls, by what the table calls them. */
export const observing: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  [BARE, {}],
  ["a tracer that cares for no call", tracedBy({ clientCall: () => undefined, serverCall: () => undefined })],
  ["a tracer that listens", tracedBy(listens)],
  ["OpenTelemetry without an SDK", tracedBy(openTelemetry())],
  ["metrics, summed up here", { ...tracedBy(withSums()), atMost: 1.15 }],
  ["metrics, by the SDK's instruments", tracedBy(withInstruments())],
  ["spans of calls", tracedBy(withSpans("rpc"))],
  ["spans of calls and attempts", tracedBy(withSpans("grpc"))],
])

function tracedBy(tracer: CallTracer): Feature {
  return { server: { tracers: [tracer] }, channel: { tracers: [tracer] } }
}

import { type Context, context, type TextMapPropagator } from "@opentelemetry/api"
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks"
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core"
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base"
import { type OpenTelemetryOptions, openTelemetry } from "../opentelemetry/index.js"
import { until } from "./outcome.js"

/** The real SDK, with its spans in memory, and a tracer that makes them. */
export class TelemetryScene {
  readonly provider: BasicTracerProvider
  readonly tracer: ReturnType<typeof openTelemetry>
  private readonly exporter = new InMemorySpanExporter()

  constructor(options: OpenTelemetryOptions = {}) {
    this.provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.exporter)] })
    this.tracer = openTelemetry({
      tracerProvider: this.provider,
      meterProvider: false,
      propagator: w3c,
      ...options,
    })
  }

  get spans(): ReadableSpan[] {
    return this.exporter.getFinishedSpans()
  }

  /** The spans by their names, when there are so many. */
  async named(count: number): Promise<ReadonlyMap<string, ReadableSpan>> {
    await until(() => this.spans.length >= count, `${count} spans`)
    return new Map(this.spans.map((span) => [span.name, span]))
  }

  /** Who is whose child: `Recv.test.Parrot.Say < Attempt.test.Parrot.Say`, in the order of their ends. */
  get tree(): string[] {
    const names = new Map(this.spans.map((span) => [span.spanContext().spanId, span.name]))
    return this.spans.map(({ name, parentSpanContext }) => {
      if (parentSpanContext === undefined) return name
      return `${name} < ${names.get(parentSpanContext.spanId) ?? "another"}`
    })
  }

  reset(): void {
    this.exporter.reset()
  }
}

export const w3c: TextMapPropagator = new CompositePropagator({
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
})

/** Makes contexts follow what is awaited, as the SDK for Node does. Returns the way back. */
export function withContexts(): () => void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  return () => context.disable()
}

export function within<Result>(scope: Context, action: () => Result): Result {
  return context.with(scope, action)
}

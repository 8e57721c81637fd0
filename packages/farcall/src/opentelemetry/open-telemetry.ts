import {
  type Context,
  createNoopMeter,
  type MeterProvider,
  metrics,
  ProxyTracerProvider,
  type TextMapPropagator,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api"
import { BytesCodec } from "../core/bytes-codec.js"
import type {
  CallTracer,
  ClientCallStart,
  ClientCallTrace,
  ServerCallStart,
  ServerCallTrace,
} from "../core/call-tracer.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import type { Metadata } from "../core/metadata.js"
import { badOption } from "../core/reason.js"
import type { AnyMethod } from "../core/service.js"
import { tracerFailed } from "../core/tracers.js"
import { version } from "../core/version.js"
import { calledTarget } from "./addresses.js"
import { allClientMetrics, allServerMetrics, type CalledTarget, type CallMetrics } from "./call-metrics.js"
import { CalledMethods, type NamedMethod, type SpanNaming } from "./called-methods.js"
import { MeasuredClientCalls, SpannedClientCall } from "./client-call.js"
import { grpcMetrics, retryMetrics } from "./grpc-metrics.js"
import { type Instruments, meterInstruments } from "./instruments.js"
import { MeasuredEnds } from "./measured-ends.js"
import { oldRpcMetrics, rpcMetrics } from "./rpc-metrics.js"
import { MeasuredServerCalls, SpannedServerCall } from "./server-call.js"
import { Spans } from "./spans.js"
import { takeContext, WorkerCall } from "./worker-context.js"

/** A set of metrics, by whose names they go. */
export type MetricSet = "grpc" | "grpc-retries" | "rpc" | "rpc-old"

/** What is made of calls, and where it goes. */
export interface OpenTelemetryOptions {
  /**
   * Where spans go; `false`: none are made. Default: the API's global provider, as soon as one is registered.
   */
  readonly tracerProvider?: TracerProvider | false | undefined
  /**
   * Where metrics go; `false`: nothing is measured. `CallMetricProducer` is a provider that sums up by itself, at a tenth
   * of an SDK's price. Default: the API's global provider, as soon as one is registered.
   */
  readonly meterProvider?: MeterProvider | Instruments | false | undefined
  /** What goes between client and server, and how. Default: the API's global propagator. */
  readonly propagator?: TextMapPropagator | undefined
  /** Whether each message is an event of its span, with its sizes. Default false. */
  readonly messageEvents?: boolean | undefined
  /**
   * How spans are called: `"grpc"`, as gRPC's other implementations do it (`Sent.…`, with `Attempt.…` of each attempt, and
   * `Recv.…`), or `"rpc"`, by the method's name, one a side. Default `"grpc"`.
   */
  readonly spans?: "grpc" | "rpc" | undefined
  /**
   * The semantic conventions of spans' attributes: `"stable"` (`rpc.system.name`, `rpc.status_code`), or `"old"`, of 1.37
   * and earlier (`rpc.system`, `rpc.service`, `rpc.grpc.status_code`). Default `"stable"`.
   */
  readonly conventions?: "stable" | "old" | undefined
  /**
   * Which metrics: `"grpc"`, those of all gRPC implementations (A66), `"grpc-retries"` (A96), `"rpc"`, those of the semantic
   * conventions, or `"rpc-old"`, the same of 1.37 and earlier. Default `["grpc"]`.
   */
  readonly metrics?: readonly MetricSet[] | undefined
  /**
   * Whether a method is recorded by its name that no service here has registered, on a server's fallback or in a proxy's
   * calls: clients may think of any number of them. Default: all of them are `other`.
   */
  readonly recordMethod?: ((method: string) => boolean) | undefined
  /** Whether a channel's target is recorded, or is `other`, where there may be any number of them. Default: it is. */
  readonly recordTarget?: ((target: string) => boolean) | undefined
}

const openTelemetryOptions: KnownOptions<OpenTelemetryOptions> = {
  tracerProvider: ["object", "boolean"],
  meterProvider: ["object", "boolean"],
  propagator: "object",
  messageEvents: "boolean",
  spans: "string",
  conventions: "string",
  metrics: "array",
  recordMethod: "function",
  recordTarget: "function",
}

/**
 * Traces and metrics of calls by OpenTelemetry's API, for clients and servers, or for both at once:
 *
 *     const telemetry = openTelemetry()
 *     const server = createServer({ tracers: [telemetry] })
 *     const channel = createChannel(target, { tracers: [telemetry] })
 *
 * Before an SDK has registered its providers calls are not looked at; after a thousand of them, it is seen within 64 calls.
 * @throws TypeError for an option that there is not, or that has no such value
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): CallTracer {
  checkOptions("openTelemetry", options, openTelemetryOptions)
  return new OpenTelemetryTracer(options)
}

/** At how many calls it is looked whether an SDK has registered, and at how manieth from then on. */
const ALWAYS = 1000
const SOMETIMES = 64

const scope = "farcall"

class OpenTelemetryTracer implements CallTracer {
  private readonly options: OpenTelemetryOptions
  private readonly naming: SpanNaming
  private readonly sets: readonly ((instruments: Instruments) => CallMetrics)[]
  private readonly methods: CalledMethods
  private readonly targets = new Map<string, Target>()
  /** The one that was called last. */
  private target: Target | undefined = undefined
  private readonly served = new Map<string, Measured<MeasuredServerCalls>>()
  /** The one that was called last, of those that are kept. */
  private lastPath: string | undefined = undefined
  private lastServed: Measured<MeasuredServerCalls> | undefined = undefined
  private readonly servedMethods = new Map<NamedMethod, Measured<MeasuredServerCalls>>()
  private readonly ends = new MeasuredEnds((error) => tracerFailed(this, error))
  private looks = 0
  /** All that there can be. */
  private found = false
  private spans: Spans | undefined = undefined
  private callMetrics: readonly CallMetrics[] | undefined = undefined

  constructor(options: OpenTelemetryOptions) {
    this.options = options
    const spans = oneOf("spans", options.spans ?? "grpc", ["grpc", "rpc"])
    const conventions = oneOf("conventions", options.conventions ?? "stable", ["stable", "old"])
    this.naming = { spans, conventions }
    this.sets = (options.metrics ?? ["grpc"]).map((name) => metricSets[oneOf("metrics", name, allSets)])
    this.methods = new CalledMethods(this.naming, options.recordMethod ?? (() => false))
  }

  /** Providers may be registered at any time. */
  get enabled(): boolean {
    if (!this.found) this.look()
    return this.spans !== undefined || this.callMetrics !== undefined
  }

  /** Looking costs more than a call that is not looked at: when nothing has come for long, it is done now and then. */
  private look(): void {
    if (++this.looks > ALWAYS && this.looks % SOMETIMES !== 0) return
    this.spans ??= this.findSpans()
    this.callMetrics ??= this.findMetrics()
    this.found = (this.spans !== undefined || this.options.tracerProvider === false) && this.isSettled
  }

  clientCall(call: ClientCallStart): ClientCallTrace {
    const target = this.target?.name === call.target ? this.target : this.findTarget(call.target)
    const { last } = target
    const measured = last?.definition === call.method ? last : this.findCalled(target, call.method)
    return this.spans === undefined ? measured.calls : spanned(call, measured, target.called, this.spans)
  }

  serverCall(call: ServerCallStart): ServerCallTrace {
    const { method, calls } = this.lastPath === call.path ? this.lastServed! : this.findServed(call.path, call.method)
    calls.begin()
    return this.spans === undefined ? calls : new SpannedServerCall(calls, this.spans.server(method, call))
  }

  workerCall(carried: Metadata): ServerCallTrace | undefined {
    const context = takeContext(carried)
    return context && new WorkerCall(context)
  }

  private findTarget(name: string): Target {
    let target = this.targets.get(name)
    if (target === undefined) {
      const called = calledTarget(name)
      const recorded = this.options.recordTarget?.(called.uri) === false ? otherTarget : called
      target = { name, called, recorded, calls: new Map(), last: undefined, methods: new Map() }
      this.targets.set(name, target)
    }
    this.target = target
    return target
  }

  private findCalled(target: Target, definition: AnyMethod): Measured<MeasuredClientCalls> {
    const known = target.calls.get(definition)
    if (known !== undefined) return (target.last = known)
    const method = this.methods.find(definition.path, definition)
    const measured = this.measure(
      target.methods,
      method,
      (sets) => new MeasuredClientCalls(allClientMetrics(sets.map((set) => set.client(method, target.recorded)))),
    )
    const called = { ...measured, definition }
    // A proxy makes its methods anew for each call.
    if (this.isSettled && !(definition.input instanceof BytesCodec)) target.calls.set(definition, called)
    return called
  }

  private findServed(path: string, definition: AnyMethod | undefined): Measured<MeasuredServerCalls> {
    const known = this.served.get(path)
    if (known !== undefined) {
      this.lastPath = path
      return (this.lastServed = known)
    }
    const method = this.methods.find(path, definition)
    const measured = this.measure(
      this.servedMethods,
      method,
      (sets) => new MeasuredServerCalls(allServerMetrics(sets.map((set) => set.server(method))), this.ends),
    )
    if (this.isSettled && method.name !== undefined) this.served.set(path, measured)
    return measured
  }

  private measure<Calls>(
    known: Map<NamedMethod, Measured<Calls>>,
    method: NamedMethod,
    make: (sets: readonly CallMetrics[]) => Calls,
  ): Measured<Calls> {
    let measured = known.get(method)
    if (measured === undefined) {
      measured = { method, calls: make(this.callMetrics ?? none) }
      if (this.isSettled) known.set(method, measured)
    }
    return measured
  }

  /** No provider of metrics can come any more, so that what is found can be kept. */
  private get isSettled(): boolean {
    return this.callMetrics !== undefined || this.options.meterProvider === false || this.sets.length === 0
  }

  private findSpans(): Spans | undefined {
    const { tracerProvider, propagator, messageEvents = false } = this.options
    if (tracerProvider === false) return undefined
    const tracer = tracerProvider?.getTracer(scope, version) ?? globalTracer()
    return tracer && new Spans(tracer, { ...this.naming, propagator, messageEvents })
  }

  private findMetrics(): readonly CallMetrics[] | undefined {
    const { meterProvider } = this.options
    if (meterProvider === false || this.sets.length === 0) return undefined
    const instruments = meterProvider === undefined ? globalInstruments() : instrumentsOf(meterProvider)
    return instruments && this.sets.map((make) => make(instruments))
  }
}

function spanned(
  call: ClientCallStart,
  { method, calls }: Measured<MeasuredClientCalls>,
  called: CalledTarget,
  spans: Spans,
): ClientCallTrace {
  return new SpannedClientCall(calls, spans.client(method, called, call, contextOf(call.parentTrace)))
}

/** What the handler of a call runs in. */
function contextOf(trace: ServerCallTrace | undefined): Context | undefined {
  if (trace instanceof SpannedServerCall) return trace.span.context
  return trace instanceof WorkerCall ? trace.context : undefined
}

/** What is known of a channel's target, and of the methods that were called there. */
interface Target {
  readonly name: string
  readonly called: CalledTarget
  readonly recorded: CalledTarget
  readonly calls: Map<AnyMethod, Called>
  /** The one that was called last, of those. */
  last: Called | undefined
  readonly methods: Map<NamedMethod, Measured<MeasuredClientCalls>>
}

/** A method, and what is told of its calls where they have no spans. */
interface Measured<Calls> {
  readonly method: NamedMethod
  readonly calls: Calls
}

/** The same of a client, which knows a method by its definition. */
interface Called extends Measured<MeasuredClientCalls> {
  readonly definition: AnyMethod
}

const otherTarget: CalledTarget = { uri: "other", address: "other", port: undefined }
const none: readonly never[] = []

const metricSets: Readonly<Record<MetricSet, (instruments: Instruments) => CallMetrics>> = {
  grpc: grpcMetrics,
  "grpc-retries": retryMetrics,
  rpc: rpcMetrics,
  "rpc-old": oldRpcMetrics,
}
const allSets = Object.keys(metricSets) as MetricSet[]

/** The tracer of the provider that is registered; `undefined` where none is, and spans would come to nothing. */
function globalTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider()
  return provider instanceof ProxyTracerProvider
    ? provider.getDelegateTracer(scope, version)
    : provider.getTracer(scope, version)
}

/** The meter of the provider that is registered; `undefined` where none is. */
function globalInstruments(): Instruments | undefined {
  const meter = metrics.getMeterProvider().getMeter(scope, version)
  return meter === createNoopMeter() ? undefined : meterInstruments(meter)
}

function instrumentsOf(provider: MeterProvider | Instruments): Instruments {
  return "getMeter" in provider ? meterInstruments(provider.getMeter(scope, version)) : provider
}

function oneOf<Value extends string>(option: string, value: string, values: readonly Value[]): Value {
  const found = values.find((known) => known === value)
  if (found !== undefined) return found
  const known = values.map((one) => JSON.stringify(one)).join(", ")
  throw badOption(`openTelemetry: ${option} is ${JSON.stringify(value)}, and must be of ${known}`)
}

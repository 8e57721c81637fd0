import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type TextMapPropagator,
  type Tracer,
  trace,
} from "@opentelemetry/api"
import type { AttemptStart, CallEnd, ClientCallStart, ServerCallStart } from "../core/call-tracer.js"
import type { Status } from "../core/status.js"
import { authorityAttributes, peerAttributes } from "./addresses.js"
import type { CalledTarget } from "./call-metrics.js"
import type { NamedMethod, SpanNaming } from "./called-methods.js"
import { metadataGetter, metadataSetter } from "./metadata-carrier.js"
import { endSpan, isServerError } from "./span-status.js"

/** How spans are made. */
export interface SpanOptions extends SpanNaming {
  readonly messageEvents: boolean
  /** `undefined`: the API's global one. */
  readonly propagator: TextMapPropagator | undefined
}

/**
 * Makes the spans of calls, and hands their contexts on in metadata:
 *
 *     Sent.package.Service.Method            the client's call
 *     └─ Attempt.package.Service.Method      each attempt; its context goes to the server
 *        └─ Recv.package.Service.Method      the server's call; the handler runs in its context
 */
export class Spans {
  private readonly tracer: Tracer
  private readonly options: SpanOptions
  // Calls come in rows: what the last one was described by is mostly true of the next.
  private called: Described | undefined = undefined
  private served: Described | undefined = undefined

  constructor(tracer: Tracer, options: SpanOptions) {
    this.tracer = tracer
    this.options = options
  }

  private clientAttributes(method: NamedMethod, { uri, address, port }: CalledTarget): Attributes {
    const { called } = this
    if (called?.method === method && called.at === uri) return called.attributes
    const attributes: Attributes = { ...method.attributes, "server.address": address }
    if (port !== undefined) attributes["server.port"] = port
    this.called = { method, at: uri, from: undefined, attributes }
    return attributes
  }

  private serverAttributes(method: NamedMethod, at: string | undefined, from: string): Attributes {
    const { served } = this
    if (served?.method === method && served.at === at && served.from === from) return served.attributes
    const attributes = { ...method.attributes, ...authorityAttributes(at), ...peerAttributes(from) }
    this.served = { method, at, from, attributes }
    return attributes
  }

  /** @param parent what the handler runs in that makes this call */
  client(method: NamedMethod, target: CalledTarget, call: ClientCallStart, parent: Context | undefined): ClientSpan {
    const { tracer, options } = this
    const active = context.active()
    // What runs within a handler may have begun spans of its own since: they are nearer than the handler's.
    const from = parent === undefined || trace.getSpan(active) !== undefined ? active : parent
    const attributes = this.clientAttributes(method, target)
    const span = tracer.startSpan(method.sent, { kind: SpanKind.CLIENT, attributes }, from)
    return new ClientSpan(tracer, options, method, span, trace.setSpan(from, span), call)
  }

  server(method: NamedMethod, call: ServerCallStart): CallSpan {
    const { tracer, options } = this
    const remote = (options.propagator ?? propagation).extract(ROOT_CONTEXT, call.metadata, metadataGetter)
    const known = this.serverAttributes(method, call.authority, call.peer)
    const strange = method.name === undefined && options.conventions === "stable"
    const attributes = strange ? { ...known, "rpc.method_original": call.path.slice(1) } : known
    const span = tracer.startSpan(method.received, { kind: SpanKind.SERVER, attributes }, remote)
    return new CallSpan(options, span, trace.setSpan(remote, span), isServerError)
  }
}

/** What the attributes of a call's span are made of. */
interface Described {
  readonly method: NamedMethod
  readonly at: string | undefined
  readonly from: string | undefined
  readonly attributes: Attributes
}

/** The span of a call, or of an attempt, with what happens in it. */
export class CallSpan {
  /** What is made within the call is made in this. */
  readonly context: Context
  protected readonly span: Span
  protected readonly options: SpanOptions
  private readonly failed: (status: Status) => boolean

  constructor(options: SpanOptions, span: Span, context: Context, failed: (status: Status) => boolean) {
    this.options = options
    this.span = span
    this.context = context
    this.failed = failed
  }

  /** Runs what belongs to the call. */
  run(call: () => void): void {
    context.with(this.context, call)
  }

  onPeer(peer: string): void {
    if (this.span.isRecording()) this.span.setAttributes(peerAttributes(peer))
  }

  /** @param sequence from 0 on; shown from 1 on, as OpenTelemetry counts messages */
  onMessage(direction: "Outbound" | "Inbound", sequence: number, size: number, wireSize: number): void {
    if (!this.options.messageEvents) return
    this.span.addEvent(`${direction} compressed message`, {
      "sequence-number": sequence + 1,
      "message-size": size,
      "message-size-compressed": wireSize,
    })
  }

  end(end: CallEnd): void {
    const { span } = this
    const { status } = end
    const failed = this.failed(status)
    if (span.isRecording()) {
      if (this.options.conventions === "old") span.setAttribute("rpc.grpc.status_code", status.codeNumber)
      else {
        span.setAttribute("rpc.status_code", status.code)
        if (failed) span.setAttribute("error.type", status.code)
      }
    }
    endSpan(span, end, failed)
  }
}

/** The span of a client's call. */
export class ClientSpan extends CallSpan {
  private readonly tracer: Tracer
  private readonly method: NamedMethod
  private readonly call: ClientCallStart

  constructor(
    tracer: Tracer,
    options: SpanOptions,
    method: NamedMethod,
    span: Span,
    context: Context,
    call: ClientCallStart,
  ) {
    super(options, span, context, isError)
    this.tracer = tracer
    this.method = method
    this.call = call
  }

  get id(): number {
    return this.call.id
  }

  /** The span of an attempt, which goes along with it: one of its own, or the call's. */
  attempt({ number, transparent, metadata }: AttemptStart): AttemptSpan {
    const { options } = this
    const own = options.spans === "grpc" ? this.startAttempt(number, transparent) : undefined
    if (own === undefined && (number > 1 || transparent)) {
      this.span.addEvent("Attempt", { "previous-rpc-attempts": number - 1, "transparent-retry": transparent })
    }
    const sent = own ?? this
    ;(options.propagator ?? propagation).inject(sent.context, metadata, metadataSetter)
    return new AttemptSpan(sent, own)
  }

  private startAttempt(number: number, transparent: boolean): CallSpan {
    const attributes = { "previous-rpc-attempts": number - 1, "transparent-retry": transparent }
    const span = this.tracer.startSpan(this.method.attempt, { attributes }, this.context)
    return new CallSpan(this.options, span, trace.setSpan(this.context, span), isError)
  }
}

/** What is told of an attempt: to a span of its own, or to its call's, which outlives it. */
export class AttemptSpan {
  readonly span: CallSpan
  private readonly own: CallSpan | undefined

  constructor(span: CallSpan, own: CallSpan | undefined) {
    this.span = span
    this.own = own
  }

  end(end: CallEnd): void {
    this.own?.end(end)
  }
}

function isError({ code }: Status): boolean {
  return code !== "OK"
}

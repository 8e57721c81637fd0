import type { AuthContext } from "./auth-context.js"
import type { CallEnd, CallTracer, Ender, ServerCallStart, ServerCallTrace } from "./call-tracer.js"
import type { TracedConnection } from "./client-call-tracing.js"
import type { Clock } from "./clock.js"
import type { ParentTracing } from "./context.js"
import type { MessageInflater } from "./message-inflater.js"
import { Metadata } from "./metadata.js"
import type { AnyMethod } from "./service.js"
import type { Status } from "./status.js"
import type { StatusError } from "./status-error.js"
import {
  globalTracers,
  isEnabled,
  nextCallId,
  noTrace,
  noTracer,
  runWithin,
  type Tracers,
  tellReceived,
  tellSent,
  traceOf,
  tracerFailed,
  tracersWith,
  type Watch,
  watchBy,
} from "./tracers.js"

/** The stream of a call, as its tracing sees it. */
export interface TracedServerStream {
  readonly peer: string
  readonly auth: AuthContext | undefined
  readonly clock: Clock
  /** HTTP/2's. */
  readonly id: number
  readonly session: TracedConnection
}

/** The header fields of a call. */
export interface TracedHead {
  readonly path: string | undefined
  readonly authority: string | undefined
  readonly fields: readonly string[]
  get(name: string): string | undefined
}

/**
 * Tells the tracers that there are that a call begins; `undefined`: none of them cares.
 * @param method `undefined`: nobody has added it
 */
export function traceServerCall(
  stream: TracedServerStream,
  head: TracedHead,
  method: AnyMethod | undefined,
  timeoutMs: number,
  tracers: Tracers,
): ServerCallTracing | undefined {
  let tracing: ServerCallTracing | undefined
  for (const tracer of tracersWith(tracers, globalTracers.forServers)) {
    if (tracer.serverCall === undefined || !isEnabled(tracer)) continue
    tracing ??= new ServerCallTracing(stream, head, method, timeoutMs)
    tracing.ask(tracer)
  }
  return tracing?.isWatched ? tracing : undefined
}

/** What watches a call that has a handler, on whichever thread that is. */
export interface HandlerTracing extends ParentTracing {
  /** Somebody has something to set up around the handler. */
  readonly runs: boolean
  /** Runs interceptors and handler within what the tracers set up, the first one's outermost. */
  run(call: () => void): void
  onHandler(): void
  /** The call is about to end by this error. */
  failed(error: StatusError): void
  /** What is to go along to a worker thread; `undefined`: nothing. */
  carried(): Metadata | undefined
}

/** One call of a server, on its way to those who watch it. */
export class ServerCallTracing implements ServerCallStart, HandlerTracing, Watch<ServerCallTrace> {
  tracer: CallTracer = noTracer
  trace: ServerCallTrace = noTrace
  next: Watch<ServerCallTrace> | undefined = undefined
  readonly method: AnyMethod | undefined
  readonly timeoutMs: number
  readonly startedAt: number
  runs = false
  /** Somebody hears of messages; of the handler, and of headers that are sent. */
  private hearsMessages = false
  private hearsSteps = false
  private readonly stream: TracedServerStream
  private readonly head: TracedHead
  private number = 0
  private made: Metadata | undefined = undefined
  sentMessages = 0
  sentBytes = 0
  receivedMessages = 0
  receivedBytes = 0
  private error: StatusError | undefined = undefined

  constructor(stream: TracedServerStream, head: TracedHead, method: AnyMethod | undefined, timeoutMs: number) {
    this.stream = stream
    this.head = head
    this.method = method
    this.timeoutMs = timeoutMs
    this.startedAt = stream.session.heardAt
  }

  get isWatched(): boolean {
    return this.trace !== noTrace
  }

  ask(tracer: CallTracer): void {
    try {
      const trace = tracer.serverCall!(this)
      if (trace === undefined) return
      watchBy(this, tracer, trace, !this.isWatched)
      if (trace.run !== undefined) this.runs = true
      if (trace.onMessageSent !== undefined || trace.onMessageReceived !== undefined) this.hearsMessages = true
      if (trace.onHandler !== undefined || trace.onHeadersSent !== undefined) this.hearsSteps = true
    } catch (error) {
      tracerFailed(tracer, error)
    }
  }

  // ── what tracers are asked with ──

  get id(): number {
    if (this.number === 0) this.number = nextCallId()
    return this.number
  }

  get path(): string {
    return this.head.path ?? ""
  }

  get authority(): string | undefined {
    return this.head.authority ?? this.head.get("host")
  }

  get metadata(): Metadata {
    return (this.made ??= Metadata.fromFields(this.head.fields))
  }

  get peer(): string {
    return this.stream.peer
  }

  get auth(): AuthContext | undefined {
    return this.stream.auth
  }

  get connectionId(): number {
    return this.stream.session.id
  }

  get streamId(): number {
    return this.stream.id
  }

  get clock(): Clock {
    return this.stream.clock
  }

  // ── what happens ──

  traceBy(tracer: CallTracer): ServerCallTrace | undefined {
    return traceOf(this, tracer)
  }

  run(call: () => void): void {
    runWithin(this, call)
  }

  onHandler(): void {
    if (!this.hearsSteps) return
    for (let watch: Watch<ServerCallTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        watch.trace.onHandler?.()
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
  }

  carried(): Metadata | undefined {
    let carried: Metadata | undefined
    for (let watch: Watch<ServerCallTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        watch.trace.onWorker?.((carried ??= new Metadata()))
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
    return carried
  }

  onHeadersSent(headers: Metadata | undefined): void {
    if (!this.hearsSteps) return
    for (let watch: Watch<ServerCallTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        if (watch.trace.onHeadersSent !== undefined) watch.trace.onHeadersSent(() => new Metadata(headers))
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
  }

  onMessageSent(size: number, wireSize: number = size, compressed: boolean = false): void {
    const sequence = this.sentMessages++
    this.sentBytes += wireSize
    if (this.hearsMessages) tellSent(this, sequence, size, wireSize, compressed)
  }

  /** @param inflater what it came through, which knows what it was on the wire */
  onMessageReceived(size: number, inflater: MessageInflater | undefined): void {
    const sequence = this.receivedMessages++
    const wireSize = inflater === undefined ? size : inflater.toldLength
    this.receivedBytes += wireSize
    if (this.hearsMessages) tellReceived(this, sequence, size, wireSize, inflater?.toldCompressed === true)
  }

  failed(error: StatusError): void {
    this.error = error
  }

  /** To be called once. */
  end(status: Status, endedBy: Ender, trailers: Metadata | undefined): void {
    const end = new Ending(status, endedBy, status.code === "OK" ? undefined : this.error, trailers, this.stream.clock)
    for (let watch: Watch<ServerCallTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        watch.trace.onEnd?.(end, this)
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
  }
}

class Ending implements CallEnd {
  readonly status: Status
  readonly endedBy: Ender
  readonly error: StatusError | undefined
  private readonly sent: Metadata | undefined
  private readonly clock: Clock
  private when: number | undefined = undefined

  constructor(
    status: Status,
    endedBy: Ender,
    error: StatusError | undefined,
    trailers: Metadata | undefined,
    clock: Clock,
  ) {
    this.status = status
    this.endedBy = endedBy
    this.error = error
    this.sent = trailers
    this.clock = clock
  }

  get at(): number {
    return (this.when ??= this.clock.now())
  }

  get trailers(): Metadata {
    return new Metadata(this.sent)
  }
}

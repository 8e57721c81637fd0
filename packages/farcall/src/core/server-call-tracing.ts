import type { AuthContext } from "./auth-context.js"
import type { CallEnd, CallTracer, Ender, ServerCallStart, ServerCallTrace } from "./call-tracer.js"
import type { TracedConnection } from "./client-call-tracing.js"
import type { Clock } from "./clock.js"
import type { ParentTracing } from "./context.js"
import type { Instant } from "./instant.js"
import type { MessageInflater } from "./message-inflater.js"
import { Metadata } from "./metadata.js"
import type { AnyMethod } from "./service.js"
import { okStatus, type Status } from "./status.js"
import type { StatusError } from "./status-error.js"
import {
  isEnabled,
  nextCallId,
  noTrace,
  noTracer,
  runWithin,
  tellReceived,
  tellSent,
  traceOf,
  tracerFailed,
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
  /** Milliseconds that the client allows, `Infinity` without a limit. */
  readonly timeoutMs: number
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
  tracers: readonly CallTracer[],
): ServerCallTracing | undefined {
  let tracing: ServerCallTracing | undefined
  for (const tracer of tracers) {
    if (tracer.serverCall === undefined || !isEnabled(tracer)) continue
    tracing ??= new ServerCallTracing(stream, head, method)
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

/** What there is of few calls, or is asked of few: most have none of it. */
class Rarities {
  number = 0
  metadata: Metadata | undefined = undefined
  endedBy: Ender = "server"
  error: StatusError | undefined = undefined
  trailers: Metadata | undefined = undefined
  ended: Instant | undefined = undefined
}

/**
 * One call of a server, on its way to those who watch it. There is one for each call that is watched, so it is small: what
 * its stream knows is asked there, and it is its own end too.
 */
export class ServerCallTracing implements ServerCallStart, CallEnd, HandlerTracing, Watch<ServerCallTrace> {
  tracer: CallTracer = noTracer
  trace: ServerCallTrace = noTrace
  next: Watch<ServerCallTrace> | undefined = undefined
  readonly method: AnyMethod | undefined
  private readonly stream: TracedServerStream
  private readonly head: TracedHead
  private readonly begun: Instant
  private rare: Rarities | undefined = undefined
  /** Somebody hears of more than how it begins and ends. */
  private heardOn = false
  sentMessages = 0
  sentBytes = 0
  receivedMessages = 0
  receivedBytes = 0
  status: Status = okStatus

  constructor(stream: TracedServerStream, head: TracedHead, method: AnyMethod | undefined) {
    this.stream = stream
    this.head = head
    this.method = method
    this.begun = stream.session.heard
  }

  get isWatched(): boolean {
    return this.trace !== noTrace
  }

  ask(tracer: CallTracer): void {
    try {
      const trace = tracer.serverCall!(this)
      if (trace === undefined) return
      watchBy(this, tracer, trace, !this.isWatched)
      if (hearsSteps(trace)) this.heardOn = true
    } catch (error) {
      tracerFailed(tracer, error)
    }
  }

  // ── what tracers are asked with ──

  get id(): number {
    const { rarities } = this
    if (rarities.number === 0) rarities.number = nextCallId()
    return rarities.number
  }

  get path(): string {
    return this.head.path ?? ""
  }

  get authority(): string | undefined {
    return this.head.authority ?? this.head.get("host")
  }

  get metadata(): Metadata {
    return (this.rarities.metadata ??= Metadata.fromFields(this.head.fields))
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

  get timeoutMs(): number {
    return this.stream.timeoutMs
  }

  get clock(): Clock {
    return this.stream.clock
  }

  get startedAt(): number {
    return this.begun.at
  }

  get endedBy(): Ender {
    return this.rare === undefined ? "server" : this.rare.endedBy
  }

  get at(): number {
    const { rarities } = this
    rarities.ended ??= { at: this.clock.now() }
    return rarities.ended.at
  }

  get error(): StatusError | undefined {
    return this.rare?.error
  }

  get trailers(): Metadata {
    return new Metadata(this.rare?.trailers)
  }

  private get rarities(): Rarities {
    return (this.rare ??= new Rarities())
  }

  // ── what happens ──

  get runs(): boolean {
    return this.heardOn
  }

  traceBy(tracer: CallTracer): ServerCallTrace | undefined {
    return traceOf(this, tracer)
  }

  run(call: () => void): void {
    runWithin(this, call)
  }

  onHandler(): void {
    if (this.heardOn) this.tellHandler()
  }

  private tellHandler(): void {
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
    if (this.heardOn) this.tellHeaders(headers)
  }

  private tellHeaders(headers: Metadata | undefined): void {
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
    if (this.heardOn) tellSent(this, sequence, size, wireSize, compressed)
  }

  /** @param inflater what it came through, which knows what it was on the wire */
  onMessageReceived(size: number, inflater: MessageInflater | undefined): void {
    const sequence = this.receivedMessages++
    const wireSize = inflater === undefined ? size : inflater.toldLength
    this.receivedBytes += wireSize
    if (this.heardOn) tellReceived(this, sequence, size, wireSize, inflater?.toldCompressed === true)
  }

  failed(error: StatusError): void {
    this.rarities.error = error
  }

  /** To be called once. */
  end(status: Status, endedBy: Ender, trailers: Metadata | undefined): void {
    this.status = status
    if (status !== okStatus || trailers !== undefined || this.rare !== undefined) this.endRarely(endedBy, trailers)
    for (let watch: Watch<ServerCallTrace> | undefined = this; watch !== undefined; watch = watch.next) {
      try {
        watch.trace.onEnd?.(this, this)
      } catch (error) {
        tracerFailed(watch.tracer, error)
      }
    }
  }

  private endRarely(endedBy: Ender, trailers: Metadata | undefined): void {
    const { rarities } = this
    rarities.endedBy = endedBy
    rarities.trailers = trailers
    if (this.status.code === "OK") rarities.error = undefined
  }
}

function hearsSteps({ run, onHandler, onHeadersSent, onMessageSent, onMessageReceived }: ServerCallTrace): boolean {
  return (run ?? onHandler ?? onHeadersSent ?? onMessageSent ?? onMessageReceived) !== undefined
}

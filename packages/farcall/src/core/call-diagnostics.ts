import type {
  AttemptStart,
  AttemptTrace,
  CallEnd,
  CallTracer,
  ClientCallStart,
  ClientCallTrace,
  Ender,
  ServerCallStart,
  ServerCallTrace,
  TracedStream,
} from "./call-tracer.js"
import { diagnosticsChannel } from "./diagnostics.js"
import type {
  AttemptEndEvent,
  AttemptStartEvent,
  ClientCallEndEvent,
  ClientCallStartEvent,
  ClientStreamEvent,
  EndEvent,
  ServerCallEndEvent,
  ServerCallStartEvent,
} from "./diagnostics-events.js"
import type { Metadata } from "./metadata.js"
import { attemptNumberOf } from "./previous-attempts.js"
import type { MethodKind } from "./service.js"
import type { Status } from "./status.js"
import type { StatusError } from "./status-error.js"

const clientStart = diagnosticsChannel("farcall:client:call:start")
const clientEnd = diagnosticsChannel("farcall:client:call:end")
const attemptStart = diagnosticsChannel("farcall:client:attempt:start")
const attemptEnd = diagnosticsChannel("farcall:client:attempt:end")
const streamOpen = diagnosticsChannel("farcall:client:stream:open")
const serverStart = diagnosticsChannel("farcall:server:call:start")
const serverEnd = diagnosticsChannel("farcall:server:call:end")

/** Publishes the steps of a client's calls on diagnostics channels, of those that begin while any has a subscriber. */
export const clientDiagnostics: CallTracer = {
  get enabled() {
    return (
      clientStart.hasSubscribers ||
      clientEnd.hasSubscribers ||
      attemptStart.hasSubscribers ||
      attemptEnd.hasSubscribers ||
      streamOpen.hasSubscribers
    )
  },

  clientCall: (call) => new ClientCallPublisher(call),
}

/** The same for a server's. */
export const serverDiagnostics: CallTracer = {
  get enabled() {
    return serverStart.hasSubscribers || serverEnd.hasSubscribers
  },

  serverCall: (call) => new ServerCallPublisher(call),
}

class ClientCallPublisher implements ClientCallTrace {
  readonly call: ClientCallStart
  readonly event: ClientCallStartEvent
  /** Of the last attempt that had one. */
  stream: ClientStreamEvent | undefined = undefined
  private readonly begun: number
  private attempts = 0

  constructor(call: ClientCallStart) {
    this.call = call
    this.begun = call.clock.now()
    this.event = new ClientCallStarted(call)
    if (clientStart.hasSubscribers) clientStart.publish(this.event)
  }

  attempt(attempt: AttemptStart): AttemptTrace {
    this.attempts++
    return new AttemptPublisher(this, attempt)
  }

  onEnd(end: CallEnd): void {
    if (!clientEnd.hasSubscribers) return
    clientEnd.publish(new ClientCallEnded(this, this.attempts, end, this.call.clock.now() - this.begun))
  }
}

class AttemptPublisher implements AttemptTrace {
  private readonly owner: ClientCallPublisher
  private readonly attempt: number
  private readonly begun: number
  private stream: ClientStreamEvent | undefined = undefined

  constructor(owner: ClientCallPublisher, attempt: AttemptStart) {
    this.owner = owner
    this.attempt = attempt.number
    this.begun = owner.call.clock.now()
    if (attemptStart.hasSubscribers) attemptStart.publish(new AttemptStarted(owner.event, attempt))
  }

  onStream({ connectionId, streamId, peer, compression }: TracedStream): void {
    const { owner, attempt } = this
    this.stream = owner.stream = { call: owner.event, attempt, connectionId, streamId, peer, compression }
    if (streamOpen.hasSubscribers) streamOpen.publish(this.stream)
  }

  onEnd(end: CallEnd): void {
    if (!attemptEnd.hasSubscribers) return
    const { owner, attempt, stream } = this
    attemptEnd.publish(new AttemptEnded(owner.event, attempt, stream, end, owner.call.clock.now() - this.begun))
  }
}

class ServerCallPublisher implements ServerCallTrace {
  private readonly call: ServerCallStart
  private readonly event: ServerCallStartEvent
  private readonly begun: number

  constructor(call: ServerCallStart) {
    this.call = call
    this.begun = call.clock.now()
    this.event = new ServerCallStarted(call)
    if (serverStart.hasSubscribers) serverStart.publish(this.event)
  }

  onEnd(end: CallEnd): void {
    if (!serverEnd.hasSubscribers) return
    serverEnd.publish(new ServerCallEnded(this.event, end, this.call.clock.now() - this.begun))
  }
}

// ── the messages: metadata is behind getters of the class, which neither JSON nor console.log shows ──

class ClientCallStarted implements ClientCallStartEvent {
  readonly callId: number
  readonly method: string
  readonly kind: MethodKind
  readonly target: string
  readonly authority: string
  readonly timeoutMs: number
  readonly #call: ClientCallStart

  constructor(call: ClientCallStart) {
    this.callId = call.id
    this.method = call.method.path
    this.kind = call.method.kind
    this.target = call.target
    this.authority = call.authority
    this.timeoutMs = call.timeoutMs
    this.#call = call
  }

  get metadata(): Metadata {
    return this.#call.metadata
  }
}

class AttemptStarted implements AttemptStartEvent {
  readonly call: ClientCallStartEvent
  readonly attempt: number
  readonly transparent: boolean
  readonly hedged: boolean
  readonly delayMs: number
  readonly #start: AttemptStart

  constructor(call: ClientCallStartEvent, start: AttemptStart) {
    this.call = call
    this.attempt = start.number
    this.transparent = start.transparent
    this.hedged = start.hedged
    this.delayMs = start.delayMs
    this.#start = start
  }

  get metadata(): Metadata {
    return this.#start.metadata
  }
}

class ServerCallStarted implements ServerCallStartEvent {
  readonly callId: number
  readonly method: string
  readonly kind: MethodKind | undefined
  readonly authority: string | undefined
  readonly peer: string
  readonly connectionId: number
  readonly streamId: number
  readonly timeoutMs: number
  readonly attempt: number
  readonly #call: ServerCallStart

  constructor(call: ServerCallStart) {
    this.callId = call.id
    this.method = call.path
    this.kind = call.method?.kind
    this.authority = call.authority
    this.peer = call.peer
    this.connectionId = call.connectionId
    this.streamId = call.streamId
    this.timeoutMs = call.timeoutMs
    this.attempt = attemptNumberOf(call.metadata)
    this.#call = call
  }

  get metadata(): Metadata {
    return this.#call.metadata
  }
}

abstract class Ended implements EndEvent {
  readonly status: Status
  readonly endedBy: Ender
  readonly durationMs: number
  readonly #end: CallEnd

  constructor(end: CallEnd, durationMs: number) {
    this.status = end.status
    this.endedBy = end.endedBy
    this.durationMs = durationMs
    this.#end = end
  }

  get error(): StatusError | undefined {
    return this.#end.error
  }

  get trailers(): Metadata {
    return this.#end.trailers
  }
}

class ClientCallEnded extends Ended implements ClientCallEndEvent {
  readonly call: ClientCallStartEvent
  readonly attempts: number
  readonly stream: ClientStreamEvent | undefined

  constructor({ event, stream }: ClientCallPublisher, attempts: number, end: CallEnd, durationMs: number) {
    super(end, durationMs)
    this.call = event
    this.attempts = attempts
    this.stream = stream
  }
}

class AttemptEnded extends Ended implements AttemptEndEvent {
  readonly call: ClientCallStartEvent
  readonly attempt: number
  readonly stream: ClientStreamEvent | undefined

  constructor(
    call: ClientCallStartEvent,
    attempt: number,
    stream: ClientStreamEvent | undefined,
    end: CallEnd,
    durationMs: number,
  ) {
    super(end, durationMs)
    this.call = call
    this.attempt = attempt
    this.stream = stream
  }
}

class ServerCallEnded extends Ended implements ServerCallEndEvent {
  readonly call: ServerCallStartEvent

  constructor(call: ServerCallStartEvent, end: CallEnd, durationMs: number) {
    super(end, durationMs)
    this.call = call
  }
}

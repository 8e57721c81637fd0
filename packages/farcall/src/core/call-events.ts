import type { AttemptStart, CallEnd, ClientCallStart, Ender, ServerCallStart } from "./call-tracer.js"
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

/**
 * What diagnostics channels are told when something begins that has metadata. That is behind a getter of the class, which
 * neither JSON nor console.log shows.
 */
abstract class Started {
  readonly #start: { readonly metadata: Metadata }

  constructor(start: { readonly metadata: Metadata }) {
    this.#start = start
  }

  get metadata(): Metadata {
    return this.#start.metadata
  }
}

/** The same of an end: error and trailers are behind getters. */
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

/** A call of a client has begun. */
export class ClientCallStarted extends Started implements ClientCallStartEvent {
  readonly callId: number
  readonly method: string
  readonly kind: MethodKind
  readonly target: string
  readonly authority: string
  readonly timeoutMs: number

  constructor(call: ClientCallStart) {
    super(call)
    this.callId = call.id
    this.method = call.method.path
    this.kind = call.method.kind
    this.target = call.target
    this.authority = call.authority
    this.timeoutMs = call.timeoutMs
  }
}

/** It has ended. */
export class ClientCallEnded extends Ended implements ClientCallEndEvent {
  readonly call: ClientCallStartEvent
  readonly attempts: number
  readonly stream: ClientStreamEvent | undefined

  /** @param stream of the last attempt that had one */
  constructor(
    call: ClientCallStartEvent,
    attempts: number,
    stream: ClientStreamEvent | undefined,
    end: CallEnd,
    durationMs: number,
  ) {
    super(end, durationMs)
    this.call = call
    this.attempts = attempts
    this.stream = stream
  }
}

/** An attempt at it has begun. */
export class AttemptStarted extends Started implements AttemptStartEvent {
  readonly call: ClientCallStartEvent
  readonly attempt: number
  readonly transparent: boolean
  readonly hedged: boolean
  readonly delayMs: number

  constructor(call: ClientCallStartEvent, start: AttemptStart) {
    super(start)
    this.call = call
    this.attempt = start.number
    this.transparent = start.transparent
    this.hedged = start.hedged
    this.delayMs = start.delayMs
  }
}

/** The attempt has ended. */
export class AttemptEnded extends Ended implements AttemptEndEvent {
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

/** A call has come to a server. */
export class ServerCallStarted extends Started implements ServerCallStartEvent {
  readonly callId: number
  readonly method: string
  readonly kind: MethodKind | undefined
  readonly authority: string | undefined
  readonly peer: string
  readonly connectionId: number
  readonly streamId: number
  readonly timeoutMs: number
  readonly attempt: number

  constructor(call: ServerCallStart) {
    super(call)
    this.callId = call.id
    this.method = call.path
    this.kind = call.method?.kind
    this.authority = call.authority
    this.peer = call.peer
    this.connectionId = call.connectionId
    this.streamId = call.streamId
    this.timeoutMs = call.timeoutMs
    this.attempt = attemptNumberOf(call.metadata)
  }
}

/** It has ended. */
export class ServerCallEnded extends Ended implements ServerCallEndEvent {
  readonly call: ServerCallStartEvent

  constructor(call: ServerCallStartEvent, end: CallEnd, durationMs: number) {
    super(end, durationMs)
    this.call = call
  }
}

import {
  AttemptEnded,
  AttemptStarted,
  ClientCallEnded,
  ClientCallStarted,
  ServerCallEnded,
  ServerCallStarted,
} from "./call-events.js"
import type {
  AttemptStart,
  AttemptTrace,
  CallEnd,
  CallTracer,
  ClientCallStart,
  ClientCallTrace,
  ServerCallStart,
  ServerCallTrace,
  TracedStream,
} from "./call-tracer.js"
import { diagnosticsChannel } from "./diagnostics.js"
import type { ClientCallStartEvent, ClientStreamEvent, ServerCallStartEvent } from "./diagnostics-events.js"

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
  readonly event: ClientCallStartEvent
  /** Of the last attempt that had one. */
  stream: ClientStreamEvent | undefined = undefined

  constructor(call: ClientCallStart) {
    this.event = new ClientCallStarted(call)
    if (clientStart.hasSubscribers) clientStart.publish(this.event)
  }

  attempt(attempt: AttemptStart): AttemptTrace {
    return new AttemptPublisher(this, attempt)
  }

  onEnd(end: CallEnd, { attempts, startedAt }: ClientCallStart): void {
    if (!clientEnd.hasSubscribers) return
    const { event, stream } = this
    clientEnd.publish(new ClientCallEnded(event, attempts.length, stream, end, end.at - startedAt))
  }
}

class AttemptPublisher implements AttemptTrace {
  private readonly owner: ClientCallPublisher
  private readonly attempt: number
  private stream: ClientStreamEvent | undefined = undefined

  constructor(owner: ClientCallPublisher, attempt: AttemptStart) {
    this.owner = owner
    this.attempt = attempt.number
    if (attemptStart.hasSubscribers) attemptStart.publish(new AttemptStarted(owner.event, attempt))
  }

  onStream({ connectionId, streamId, peer, compression }: TracedStream): void {
    const { owner, attempt } = this
    this.stream = owner.stream = { call: owner.event, attempt, connectionId, streamId, peer, compression }
    if (streamOpen.hasSubscribers) streamOpen.publish(this.stream)
  }

  onEnd(end: CallEnd, { startedAt }: AttemptStart): void {
    if (!attemptEnd.hasSubscribers) return
    const { owner, attempt, stream } = this
    attemptEnd.publish(new AttemptEnded(owner.event, attempt, stream, end, end.at - startedAt))
  }
}

class ServerCallPublisher implements ServerCallTrace {
  private readonly event: ServerCallStartEvent

  constructor(call: ServerCallStart) {
    this.event = new ServerCallStarted(call)
    if (serverStart.hasSubscribers) serverStart.publish(this.event)
  }

  onEnd(end: CallEnd, { startedAt }: ServerCallStart): void {
    if (!serverEnd.hasSubscribers) return
    serverEnd.publish(new ServerCallEnded(this.event, end, end.at - startedAt))
  }
}

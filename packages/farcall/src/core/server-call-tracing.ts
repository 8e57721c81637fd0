import type { AuthContext } from "./auth-context.js"
import type { CallEnd, CallTracer, Ender, ServerCallStart, ServerCallTrace } from "./call-tracer.js"
import type { Clock } from "./clock.js"
import type { ParentTracing } from "./context.js"
import type { MessageInflater } from "./message-inflater.js"
import { Metadata } from "./metadata.js"
import type { AnyMethod } from "./service.js"
import type { Status } from "./status.js"
import type { StatusError } from "./status-error.js"
import { nextCallId, type Tracers, tracerFailed, type Watch, watchesOf } from "./tracers.js"

/** What a server knows of a call whose headers have come. */
export interface ServerCallHead {
  readonly path: string
  readonly method: AnyMethod | undefined
  readonly authority: string | undefined
  readonly fields: readonly string[]
  readonly peer: string
  readonly auth: AuthContext | undefined
  readonly connectionId: number
  readonly streamId: number
  readonly timeoutMs: number
  readonly clock: Clock
}

/** Tells the tracers that there are that a call begins; `undefined`: none of them cares. */
export function traceServerCall(head: ServerCallHead, tracers: Tracers): ServerCallTracing | undefined {
  const start = new CallBeginning(head)
  const watches = watchesOf(tracers, (tracer) => tracer.serverCall?.(start))
  return watches && new ServerCallTracing(watches)
}

/** One call of a server, on its way to those who watch it. */
export class ServerCallTracing implements ParentTracing {
  private readonly watches: readonly Watch<ServerCallTrace>[]
  private sent = 0
  private received = 0
  private error: StatusError | undefined = undefined

  constructor(watches: readonly Watch<ServerCallTrace>[]) {
    this.watches = watches
  }

  traceBy(tracer: CallTracer): ServerCallTrace | undefined {
    return this.watches.find((watch) => watch.tracer === tracer)?.trace
  }

  /** Runs interceptors and handler within what the tracers set up, the first one's outermost. */
  run(call: () => void): void {
    this.runWithin(0, call)
  }

  private runWithin(index: number, call: () => void): void {
    const watch = this.watches[index]
    if (watch === undefined) {
      call()
      return
    }
    let called = false
    const once = (): void => {
      if (called) return
      called = true
      this.runWithin(index + 1, call)
    }
    try {
      watch.trace.run?.(once)
    } catch (error) {
      tracerFailed(watch.tracer, error)
    }
    once()
  }

  onHandler(): void {
    for (const { tracer, trace } of this.watches) {
      try {
        trace.onHandler?.()
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }

  onHeadersSent(headers: Metadata | undefined): void {
    const metadata = (): Metadata => new Metadata(headers)
    for (const { tracer, trace } of this.watches) {
      try {
        trace.onHeadersSent?.(metadata)
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }

  onMessageSent(size: number, wireSize: number = size, compressed: boolean = false): void {
    const sequence = this.sent++
    for (const { tracer, trace } of this.watches) {
      try {
        trace.onMessageSent?.(sequence, size, wireSize, compressed)
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }

  /** @param inflater what it came through, which knows what it was on the wire */
  onMessageReceived(size: number, inflater: MessageInflater | undefined): void {
    const sequence = this.received++
    const { toldLength: wireSize, toldCompressed: compressed } = inflater ?? { toldLength: size, toldCompressed: false }
    for (const { tracer, trace } of this.watches) {
      try {
        trace.onMessageReceived?.(sequence, size, wireSize, compressed)
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }

  /** The call is about to end by this error. */
  failed(error: StatusError): void {
    this.error = error
  }

  /** To be called once. */
  end(status: Status, endedBy: Ender, trailers: Metadata | undefined): void {
    const end = new Ending(status, endedBy, status.code === "OK" ? undefined : this.error, trailers)
    for (const { tracer, trace } of this.watches) {
      try {
        trace.onEnd?.(end)
      } catch (error) {
        tracerFailed(tracer, error)
      }
    }
  }
}

class CallBeginning implements ServerCallStart {
  readonly id: number = nextCallId()
  private readonly head: ServerCallHead
  private made: Metadata | undefined = undefined

  constructor(head: ServerCallHead) {
    this.head = head
  }

  get path(): string {
    return this.head.path
  }

  get method(): AnyMethod | undefined {
    return this.head.method
  }

  get authority(): string | undefined {
    return this.head.authority
  }

  get metadata(): Metadata {
    return (this.made ??= Metadata.fromFields(this.head.fields))
  }

  get peer(): string {
    return this.head.peer
  }

  get auth(): AuthContext | undefined {
    return this.head.auth
  }

  get connectionId(): number {
    return this.head.connectionId
  }

  get streamId(): number {
    return this.head.streamId
  }

  get timeoutMs(): number {
    return this.head.timeoutMs
  }

  get clock(): Clock {
    return this.head.clock
  }
}

class Ending implements CallEnd {
  readonly status: Status
  readonly endedBy: Ender
  readonly error: StatusError | undefined
  private readonly sent: Metadata | undefined

  constructor(status: Status, endedBy: Ender, error: StatusError | undefined, trailers: Metadata | undefined) {
    this.status = status
    this.endedBy = endedBy
    this.error = error
    this.sent = trailers
  }

  get trailers(): Metadata {
    return new Metadata(this.sent)
  }
}

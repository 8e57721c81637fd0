import type { MessagePort } from "node:worker_threads"
import type { AuthContext } from "../../core/auth-context.js"
import { type Clock, systemClock } from "../../core/clock.js"
import { type Compression, type Compressions, identity } from "../../core/compression.js"
import { limits } from "../../core/limits.js"
import type { Metadata } from "../../core/metadata.js"
import { type Reason, reasonOf } from "../../core/reason.js"
import type { HandlerTracing } from "../../core/server-call-tracing.js"
import { type AnyMethod, streamsRequests, streamsResponses } from "../../core/service.js"
import type { Status, StatusDetail } from "../../core/status.js"
import type { StatusError } from "../../core/status-error.js"
import type { CallHead, CallStream } from "../call-stream.js"
import { encodedBytes } from "../message-view.js"
import { WorkerAuth } from "./carried-auth.js"
import { type CallFrame, costOf, fieldsOf, handedOver, type ResponseFrame } from "./frames.js"

/**
 * What carries a call on a worker thread: a sibling of the stream of HTTP/2. What a handler sends while it goes on leaves
 * at once, for it may block the thread; the one response of a call waits for the status, with which it leaves.
 */
export class PortStream implements CallStream, CallHead {
  readonly clock: Clock = systemClock
  readonly peer: string
  readonly fields: readonly string[]
  readonly authority: string | undefined
  readonly compressions: Compressions
  compression: Compression | undefined
  compressMessages = true
  requestsEnded = false
  requestCompressed = false
  onWritable: (() => void) | undefined = undefined
  readonly tracing: HandlerTracing | undefined
  /** The handler has returned. */
  released = false
  private readonly port: MessagePort
  private readonly method: AnyMethod
  private readonly frame: CallFrame
  private readonly usualCompression: Compression | undefined
  private readonly onReleased: () => void
  private made: AuthContext | undefined = undefined
  /** What is about to be sent. */
  private response: ResponseFrame = { type: "response" }
  private headersSent = false
  /** Nothing more is to be said of the call, but that it is released. */
  private closed = false
  /** Why the call fails. */
  private reason: Reason | undefined = undefined
  private responsesAhead = 0
  private requestsTaken = 0
  /** Of each request that waits for the handler, whether it was compressed. */
  private readonly compressedAhead: boolean[] = []

  constructor(
    port: MessagePort,
    frame: CallFrame,
    method: AnyMethod,
    compressions: Compressions,
    compression: Compression | undefined,
    tracing: HandlerTracing | undefined,
    onReleased: () => void,
  ) {
    this.port = port
    this.frame = frame
    this.method = method
    this.peer = frame.peer
    this.fields = frame.metadata
    this.authority = frame.authority
    this.compressions = compressions
    this.compression = compression
    this.usualCompression = compression
    this.tracing = tracing
    this.onReleased = onReleased
  }

  get auth(): AuthContext | undefined {
    return (this.made ??= this.frame.auth && new WorkerAuth(this.frame.auth))
  }

  /** No header is looked for by its name but `host`, which the server's thread has read. */
  get(): undefined {
    return undefined
  }

  get writable(): boolean {
    return this.responsesAhead < limits.workerWindow
  }

  /** The server's thread has sent responses on. */
  onTaken(cost: number): void {
    const wasWritable = this.writable
    this.responsesAhead -= cost
    if (!wasWritable && this.writable) this.onWritable?.()
  }

  /** A request has come; `consumed` will be called when the handler takes it. */
  onRequest(compressed: boolean): void {
    this.compressedAhead.push(compressed)
  }

  /** The call has ended on the server's thread: nothing that is still said of it reaches anyone. */
  silence(): void {
    this.closed = true
    this.response = { type: "response" }
  }

  // ── for the call ──

  consumed(cost: number): void {
    if (this.released) return
    this.requestCompressed = this.compressedAhead.shift() === true
    this.requestsTaken += cost
    if (!streamsRequests(this.method.kind) || this.requestsTaken < limits.workerWindow / 4) return
    this.port.postMessage({ type: "taken", cost: this.requestsTaken })
    this.requestsTaken = 0
  }

  expect(): void {}

  sendHeaders(metadata: Metadata | undefined, early = false): void {
    if (this.headersSent || this.closed) return
    this.headersSent = true
    const compression = this.compression === this.usualCompression ? undefined : (this.compression?.name ?? identity)
    if (!early && compression === undefined && (metadata === undefined || metadata.size === 0)) return
    this.response.headers = { fields: fieldsOf(metadata), early, compression }
    if (early) this.flush()
  }

  sendMessage(message: unknown): void {
    if (this.closed) return
    const bytes = encodedBytes(this.method.output, message)
    this.response.message = { bytes, compress: this.compressMessages }
    if (!streamsResponses(this.method.kind)) return
    this.responsesAhead += costOf(bytes)
    this.flush()
  }

  failed(error: StatusError): void {
    this.reason = reasonOf(error)
  }

  finish(status: Status, details: readonly StatusDetail[], trailers: Metadata | undefined): void {
    if (this.closed) return
    this.closed = true
    this.response.ending = {
      codeNumber: status.codeNumber,
      message: status.message,
      // Copies: crossing takes all of the memory along that a view is of.
      details: details.map(({ typeUrl, value }) => ({ typeUrl, value: new Uint8Array(value) })),
      trailers: fieldsOf(trailers),
      reason: this.reason,
    }
    // As a rule the handler has returned, and `release` follows.
    this.clock.soon(() => {
      if (!this.released) this.flush()
    })
  }

  /** The deadline has passed. The server's thread keeps it as well; whoever is first, the status says it. */
  reset(): void {}

  release(): void {
    if (this.released) return
    this.released = true
    this.response.released = true
    this.onReleased()
    this.flush()
  }

  private flush(): void {
    const { response } = this
    this.response = { type: "response" }
    this.port.postMessage(response, response.message === undefined ? [] : handedOver(response.message.bytes))
  }
}

import { type Connection, ErrorCode, type HeaderBlock, type Stream, type StreamClosure } from "@farcall/http2"
import type { AuthContext } from "../core/auth-context.js"
import type { CallTracer } from "../core/call-tracer.js"
import type { Clock } from "../core/clock.js"
import { accepts, type Compression, type Compressions } from "../core/compression.js"
import { type MessageReceiver, type PartialMessage, receiveMessages, truncationError } from "../core/message-framing.js"
import { MessageInflater } from "../core/message-inflater.js"
import type { Metadata } from "../core/metadata.js"
import { type ServerCallTracing, type TracedServerStream, traceServerCall } from "../core/server-call-tracing.js"
import { okStatus, type Status, type StatusDetail } from "../core/status.js"
import type { StatusError } from "../core/status-error.js"
import { globalTracers, tracersWith } from "../core/tracers.js"
import type { Http2ServerTransport } from "../transport/http2-server.js"
import type { Http2Session, StreamOwner } from "../transport/http2-session.js"
import { MessageDeflater } from "../transport/message-deflater.js"
import { Admission, type Admitted } from "./admission.js"
import { deadlinePassed } from "./call-errors.js"
import type { CallGate } from "./call-gate.js"
import type { CallStream } from "./call-stream.js"
import { enderOfStream, errorOfDeadStream } from "./dead-stream.js"
import type { HttpRefusal } from "./http-refusal.js"
import type { CallStarter, ProtocolCall } from "./protocol-call.js"
import { type RequestHead, requestHead } from "./request-head.js"
import { checkHeaders, okTrailers, okTrailersOnly, responseEnd, responseHeaders } from "./response-fields.js"
import type { Route } from "./router.js"

/**
 * gRPC on one HTTP/2 stream, server's side: reads the request's head and messages, writes headers, messages and the
 * status. gRPC-Web and Connect will be its siblings.
 *
 *     state          what may be sent
 *     open           headers, or a status alone (Trailers-Only)
 *     headersSent    messages, then the status
 *     closed         nothing
 */
export class GrpcServerStream implements StreamOwner, MessageReceiver, CallStream, Admitted, TracedServerStream {
  /** The client's connection. */
  readonly session: Http2Session
  partial: PartialMessage | undefined = undefined
  inflater: MessageInflater | undefined = undefined
  /** How the responses are to be compressed, towards a client that accepts it; settled when the headers are sent. */
  compression: Compression | undefined
  /** Whether the messages sent from now on are compressed, where a compression was agreed. */
  compressMessages = true
  state: "open" | "headersSent" | "closed" = "open"
  /** The client has sent all its requests. */
  requestsEnded = false
  tracing: ServerCallTracing | undefined = undefined
  private readonly transport: Http2ServerTransport
  private readonly stream: Stream<StreamOwner>
  private readonly starter: CallStarter
  /** There from the first headers on, as is its route where there is a call. */
  private head: RequestHead | undefined = undefined
  private call: ProtocolCall | undefined = undefined
  /** Where the number of calls is limited: this one's place among those that run, or wait to. */
  private admission: Admission | undefined = undefined
  private deflater: MessageDeflater | undefined = undefined
  private released = false

  constructor(transport: Http2ServerTransport, stream: Stream<StreamOwner>, starter: CallStarter) {
    this.transport = transport
    this.session = transport.session
    this.stream = stream
    this.starter = starter
    this.compression = starter.compression
  }

  /** HTTP/2's. */
  get id(): number {
    return this.stream.id
  }

  get clock(): Clock {
    return this.session.clock
  }

  get peer(): string {
    return this.session.wire.peer
  }

  get auth(): AuthContext | undefined {
    return this.session.wire.auth
  }

  get timeoutMs(): number {
    return this.head!.timeoutMs
  }

  get requestCompressed(): boolean {
    return this.inflater?.takenCompressed === true
  }

  get writable(): boolean {
    return this.stream.writable && this.deflater?.pending !== true
  }

  get compressions(): Compressions {
    return this.starter.compressions
  }

  get maxReceiveMessageLength(): number {
    return this.head!.route!.maxReceiveMessageLength
  }

  private get connection(): Connection<StreamOwner> {
    return this.session.connection
  }

  // ── what comes in ──

  onHeaders(kind: "informational" | "initial" | "trailers", block: HeaderBlock, end: boolean): void {
    if (kind === "trailers") {
      this.endRequests()
      return
    }
    const head = requestHead(block, this.starter)
    this.head = head
    const tracers = tracersWith(this.starter.tracers, globalTracers.forServers)
    if (tracers !== undefined) this.trace(block, head, tracers)
    if (head.error !== undefined) this.conclude(head.error.status, [], undefined, head.error.fields)
    else if (head.refusal === undefined) {
      const route = head.route!
      if (head.compression !== undefined) this.inflater = new MessageInflater(head.compression, this)
      if (route.gates === undefined || head.timeoutMs <= 0) this.begin(route, block, head.timeoutMs)
      else this.seekAdmission(route.gates, block, head.timeoutMs)
    }
    if (end) this.endRequests()
  }

  /** Tells those who watch calls. */
  private trace(block: HeaderBlock, { route, refusal }: RequestHead, tracers: readonly CallTracer[]): void {
    if (refusal !== undefined) return
    const { router } = this.starter
    const method = route === undefined || router.isFallback(route) ? undefined : route.shown
    this.tracing = traceServerCall(this, block, method, tracers)
  }

  private begin(route: Route, block: HeaderBlock, timeoutMs: number): void {
    this.call = this.starter.createCall(this, route, block, timeoutMs)
    this.call.start(timeoutMs)
  }

  onData(chunk: Uint8Array, start: number, stop: number, end: boolean): void {
    if (this.call === undefined || this.state === "closed") this.passOver(chunk, start, stop)
    else if (stop > start) receiveMessages(this, chunk, start, stop)
    if (end) this.endRequests()
  }

  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean {
    this.session.counts.messagesReceived++
    if (this.tracing !== undefined) this.tracing.onMessageReceived(stop - start, this.inflater)
    return this.call!.onMessage(bytes, start, stop, owned, wireBytes) && this.state !== "closed"
  }

  onPartial(wireBytes: number, missing: number): void {
    this.call!.onPartial(wireBytes, missing)
  }

  onFramingError(error: StatusError): void {
    this.call!.onProtocolError(error)
  }

  onWritable(): void {
    this.call?.onWritable()
  }

  onReset(closure: StreamClosure): void {
    const wasOpen = this.state !== "closed"
    if (wasOpen) this.session.counts.end(false, false)
    this.state = "closed"
    this.stopMessages()
    this.requestsEnded = true
    if (wasOpen && this.tracing !== undefined) {
      const error = errorOfDeadStream(closure)
      this.tracing.failed(error)
      this.tracing.end(error.status, enderOfStream(closure), undefined)
    }
    if (this.call === undefined) this.release()
    else if (wasOpen) this.call.onReset(closure)
  }

  private endRequests(): void {
    if (this.requestsEnded) return
    this.requestsEnded = true
    const refusal = this.head?.refusal
    if (refusal === undefined) this.tellRequestsEnd()
    // Checklist point 6: not before.
    else this.answerHttp(refusal)
  }

  private tellRequestsEnd(): void {
    if (this.call === undefined || this.state === "closed") return
    const truncated = truncationError(this)
    if (truncated !== undefined) this.call.onProtocolError(truncated)
    else if (this.inflater === undefined) this.call.onRequestsEnd()
    else this.inflater.after(() => this.call!.onRequestsEnd())
  }

  /** What comes when no call takes it. */
  private passOver(chunk: Uint8Array, start: number, stop: number): void {
    if (this.admission?.waiting) this.admission.hold(chunk, start, stop)
    else this.consumed(stop - start)
  }

  // ── where the number of calls is limited ──

  private seekAdmission(gates: readonly CallGate[], block: HeaderBlock, timeoutMs: number): void {
    this.admission = new Admission(gates, block, timeoutMs, this)
    this.admission.proceed()
  }

  onAdmitted(timeoutMs: number): void {
    const admission = this.admission!
    const held = admission.takeHeld()
    this.begin(this.head!.route!, admission.head, timeoutMs)
    this.onData(held, 0, held.length, false)
    if (this.requestsEnded) this.tellRequestsEnd()
  }

  onTurnedAway(error: StatusError): void {
    this.tracing?.failed(error)
    this.finish(error.status, error.details, undefined)
  }

  /** Checklist point 39, as for a call that runs. */
  onWaitExpired(): void {
    this.reset(deadlinePassed("the deadline passed while the call waited for its turn"))
    this.release()
  }

  // ── what goes out ──

  /** Credit for request bytes that the application has taken. */
  consumed(bytes: number): void {
    this.connection.consumed(this.stream, bytes)
    this.inflater?.onTaken()
  }

  private stopMessages(): void {
    this.inflater?.stop()
    this.deflater?.stop()
  }

  /** Lets the rest of a large message come without waiting for credit. */
  expect(bytes: number): void {
    this.connection.expect(this.stream, bytes)
  }

  /** @throws StatusError when they are larger than the client takes: nothing has been sent then */
  sendHeaders(metadata: Metadata | undefined): void {
    if (this.state !== "open") return
    let extra: string[] | undefined
    const { compression } = this
    // Checklist point 35.
    if (compression !== undefined && accepts(this.head!.acceptEncoding, compression.name)) {
      extra = ["grpc-encoding", compression.name]
      this.deflater = this.deflaterOf(compression)
    }
    if (metadata !== undefined && metadata.size > 0) {
      metadata.appendTo((extra ??= []))
      checkHeaders(this.connection, extra)
    }
    this.state = "headersSent"
    this.connection.sendHeaders(this.stream, responseHeaders, extra, false)
    this.tracing?.onHeadersSent(metadata)
  }

  /** Sends a response message behind the headers. @throws what the codec throws, or StatusError when it is too long */
  sendMessage(message: unknown): void {
    if (this.state !== "headersSent") return
    const { writer } = this.head!.route!
    if (this.deflater === undefined) writer.write(this.connection, this.stream, message, false)
    else writer.deflate(this.deflater, message, this.compressMessages, false)
    // Of one that is compressed, its compression tells.
    if (this.tracing !== undefined && this.deflater === undefined) this.tracing.onMessageSent(writer.lastLength)
    this.session.counts.messagesSent++
  }

  private deflaterOf(compression: Compression): MessageDeflater {
    const { writer } = this.head!.route!
    return new MessageDeflater(
      compression,
      (framed, compressed, end, size) => {
        writer.writeEncoded(this.connection, this.stream, framed, end, compressed)
        this.tracing?.onMessageSent(size, writer.lastLength, compressed)
      },
      (error) => {
        this.deflater = undefined
        this.finish(error.status, [], undefined)
        this.call?.onProtocolError(error)
      },
      () => {
        if (this.writable) this.onWritable()
      },
    )
  }

  /**
   * Ends the call: with trailers, or with a status alone when there have been no headers. A client that is still sending
   * is told that the rest is not wanted (checklist point 15).
   */
  finish(status: Status, details: readonly StatusDetail[], trailers: Metadata | undefined): void {
    this.conclude(status, details, trailers, noFields)
  }

  /** @param more fields of the protocol's own beside the status */
  private conclude(
    status: Status,
    details: readonly StatusDetail[],
    trailers: Metadata | undefined,
    more: readonly string[],
  ): void {
    if (this.state === "closed") return
    const { connection, stream, deflater } = this
    if (deflater?.pending) {
      deflater.after(() => this.conclude(status, details, trailers, more))
      return
    }
    const only = this.state === "open"
    let said = status
    if (status === okStatus && details.length === 0 && (trailers === undefined || trailers.size === 0)) {
      connection.sendHeaders(stream, only ? okTrailersOnly : okTrailers, undefined, true)
    } else {
      const end = responseEnd(connection, only, status, details, trailers, more)
      said = end.status
      if (only) connection.sendHeaders(stream, responseHeaders, end.fields, true)
      else connection.sendHeaders(stream, end.fields, undefined, true)
    }
    this.state = "closed"
    this.session.counts.end(true, status.code === "OK")
    this.inflater?.stop()
    this.tracing?.end(said, "server", trailers)
    if (!this.requestsEnded) connection.refuseRest(stream)
    if (this.call === undefined) this.release()
  }

  /** Resets the stream: the client learns that the call is over and no more. */
  reset(error: StatusError): void {
    if (this.state === "closed") return
    this.state = "closed"
    this.session.counts.end(false, false)
    this.stopMessages()
    this.tracing?.failed(error)
    this.tracing?.end(error.status, "server", undefined)
    this.session.reset(this.stream, ErrorCode.CANCEL)
  }

  /** Nothing of the call runs any more: another may take its place among the connection's streams. */
  release(): void {
    if (this.released) return
    this.released = true
    this.admission?.leave()
    this.connection.release(this.stream)
    this.transport.streamDone()
  }

  private answerHttp(refusal: HttpRefusal): void {
    const { connection } = this
    connection.sendHeaders(this.stream, refusal.headers, undefined, refusal.body.length === 0)
    connection.sendOwned(this.stream, refusal.body, 0, refusal.body.length, true)
    this.state = "closed"
    this.session.counts.end(true, false)
    this.release()
  }
}

const noFields: readonly string[] = []

import {
  type Connection,
  ErrorCode,
  type HeaderBlock,
  PreparedHeaders,
  type Stream,
  type StreamClosure,
} from "@farcall/http2"
import type { AuthContext } from "../core/auth-context.js"
import type { TracedConnection } from "../core/client-call-tracing.js"
import type { Clock } from "../core/clock.js"
import { accepts, type Compression, type Compressions, identity } from "../core/compression.js"
import { type MessageReceiver, type PartialMessage, receiveMessages, truncationError } from "../core/message-framing.js"
import { MessageInflater } from "../core/message-inflater.js"
import type { Metadata } from "../core/metadata.js"
import { type ServerCallTracing, type TracedServerStream, traceServerCall } from "../core/server-call-tracing.js"
import { okStatus, type Status, type StatusDetail, statusCodes } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import type { StreamCounts } from "../core/stream-counts.js"
import { decodeTimeout } from "../core/timeout.js"
import { globalTracers, type Tracers } from "../core/tracers.js"
import { statusToFields } from "../core/trailers.js"
import type { Http2ServerTransport } from "../transport/http2-server.js"
import type { StreamOwner } from "../transport/http2-session.js"
import { MessageDeflater } from "../transport/message-deflater.js"
import { Admission, type Admitted } from "./admission.js"
import type { CallGate } from "./call-gate.js"
import type { CallStream } from "./call-stream.js"
import { enderOfStream, errorOfDeadStream } from "./dead-stream.js"
import { type Route, type Router, unimplementedText } from "./router.js"

/** The call that a stream carries, as its protocol sees it. */
export interface ProtocolCall {
  /** Begins; `timeoutMs` is what the client allows, `Infinity` without a deadline. */
  start(timeoutMs: number): void
  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean
  onPartial(wireBytes: number, missing: number): void
  /** The client has sent all its requests. */
  onRequestsEnd(): void
  /** The request breaks the protocol; the call is to be answered with this. */
  onProtocolError(error: StatusError): void
  onWritable(): void
  /** The stream is dead: the client cancelled, or the connection was lost. */
  onReset(closure: StreamClosure): void
}

/** What a server gives the protocol to make calls with. */
export interface CallStarter {
  readonly router: Router
  readonly compressions: Compressions
  /** How responses are compressed where a handler does not say. */
  readonly compression: Compression | undefined
  /** What watches its calls, beside what watches all of the process. */
  readonly tracers: Tracers
  createCall(stream: GrpcServerStream, route: Route, block: HeaderBlock, timeoutMs: number): ProtocolCall
}

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
  readonly transport: Http2ServerTransport
  maxReceiveMessageLength = 0
  partial: PartialMessage | undefined = undefined
  inflater: MessageInflater | undefined = undefined
  /** How the responses are to be compressed, towards a client that accepts it; settled when the headers are sent. */
  compression: Compression | undefined
  /** Whether the messages sent from now on are compressed, where a compression was agreed. */
  compressMessages = true
  state: "open" | "headersSent" | "closed" = "open"
  tracing: ServerCallTracing | undefined = undefined
  private readonly connection: Connection<StreamOwner>
  private readonly stream: Stream<StreamOwner>
  private readonly starter: CallStarter
  private readonly counts: StreamCounts
  private call: ProtocolCall | undefined = undefined
  /** The client has sent all its requests. */
  requestsEnded = false
  /** A request that is not gRPC's is answered once it has ended (checklist point 6). */
  private refusal: HttpRefusal | undefined = undefined
  private writer: Route["writer"] | undefined = undefined
  /** Where the number of calls is limited: this one's place among those that run, or wait to. */
  private admission: Admission | undefined = undefined
  /** The head of a call that waits. */
  private waiting: { readonly route: Route; readonly block: HeaderBlock } | undefined = undefined
  private deflater: MessageDeflater | undefined = undefined
  private acceptEncoding: string | undefined = undefined
  private released = false

  constructor(transport: Http2ServerTransport, stream: Stream<StreamOwner>, starter: CallStarter) {
    this.transport = transport
    this.connection = transport.session.connection
    this.counts = transport.session.counts
    this.stream = stream
    this.starter = starter
    this.compression = starter.compression
  }

  /** HTTP/2's. */
  get id(): number {
    return this.stream.id
  }

  get session(): TracedConnection {
    return this.transport.session
  }

  get clock(): Clock {
    return this.transport.session.clock
  }

  get peer(): string {
    return this.transport.session.wire.peer
  }

  get auth(): AuthContext | undefined {
    return this.transport.session.wire.auth
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

  // ── what comes in ──

  onHeaders(kind: "informational" | "initial" | "trailers", block: HeaderBlock, end: boolean): void {
    if (kind === "trailers") {
      this.endRequests()
      return
    }
    const head = ((block.slot as RequestHead | undefined) ??= readHead(block, this.starter))
    if (this.starter.tracers !== undefined || globalTracers.forServers !== undefined) this.trace(block, head)
    if (head.refusal !== undefined) this.refusal = head.refusal
    else if (head.error !== undefined) this.finish(head.error.status, [], undefined, head.error.fields)
    else {
      const route = head.route!
      this.writer = route.writer
      this.maxReceiveMessageLength = route.maxReceiveMessageLength
      this.acceptEncoding = head.acceptEncoding
      if (head.compression !== undefined) this.inflater = new MessageInflater(head.compression, this)
      if (route.gates === undefined || head.timeoutMs <= 0) this.begin(route, block, head.timeoutMs)
      else this.seekAdmission(route.gates, route, block, head.timeoutMs)
    }
    if (end) this.endRequests()
  }

  /** Tells those who watch calls. */
  private trace(block: HeaderBlock, { route, timeoutMs, refusal }: RequestHead): void {
    if (refusal !== undefined) return
    const { tracers, router } = this.starter
    const method = route === undefined || router.isFallback(route) ? undefined : route.shown
    this.tracing = traceServerCall(this, block, method, timeoutMs, tracers)
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
    this.counts.messagesReceived++
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
    if (wasOpen) this.counts.end(false, false)
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
    if (this.refusal !== undefined) {
      this.answerHttp(this.refusal)
      return
    }
    this.tellRequestsEnd()
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
    if (this.waiting === undefined) this.consumed(stop - start)
    else this.admission!.hold(chunk, start, stop)
  }

  // ── where the number of calls is limited ──

  private seekAdmission(gates: readonly CallGate[], route: Route, block: HeaderBlock, timeoutMs: number): void {
    this.waiting = { route, block }
    this.admission = new Admission(gates, timeoutMs, this)
    this.admission.proceed()
  }

  onAdmitted(timeoutMs: number): void {
    const { route, block } = this.waiting!
    this.waiting = undefined
    const held = this.admission!.takeHeld()
    this.begin(route, block, timeoutMs)
    this.onData(held, 0, held.length, false)
    if (this.requestsEnded) this.tellRequestsEnd()
  }

  onTurnedAway(error: StatusError): void {
    this.waiting = undefined
    this.tracing?.failed(error)
    this.finish(error.status, error.details, undefined)
  }

  /** Checklist point 39, as for a call that runs. */
  onWaitExpired(): void {
    this.waiting = undefined
    this.reset(
      new StatusError("DEADLINE_EXCEEDED", "the deadline passed while the call waited for its turn", {
        reason: "FARCALL_DEADLINE_PASSED",
      }),
    )
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
    if (compression !== undefined && accepts(this.acceptEncoding, compression.name)) {
      extra = ["grpc-encoding", compression.name]
      this.deflater = this.deflaterOf(compression)
    }
    if (metadata !== undefined && metadata.size > 0) {
      metadata.appendTo((extra ??= []))
      const excess = this.connection.headerListExcess(responseHeaders, extra)
      if (excess > 0) throw tooLarge("headers", excess)
    }
    this.state = "headersSent"
    this.connection.sendHeaders(this.stream, responseHeaders, extra, false)
    this.tracing?.onHeadersSent(metadata)
  }

  /** Sends a response message behind the headers. @throws what the codec throws, or StatusError when it is too long */
  sendMessage(message: unknown): void {
    if (this.state !== "headersSent") return
    if (this.deflater === undefined) this.writer!.write(this.connection, this.stream, message, false)
    else this.writer!.deflate(this.deflater, message, this.compressMessages, false)
    // Of one that is compressed, its compression tells.
    if (this.tracing !== undefined && this.deflater === undefined) this.tracing.onMessageSent(this.writer!.lastLength)
    this.counts.messagesSent++
  }

  private deflaterOf(compression: Compression): MessageDeflater {
    return new MessageDeflater(
      compression,
      (framed, compressed, end, size) => {
        this.writer!.writeEncoded(this.connection, this.stream, framed, end, compressed)
        this.tracing?.onMessageSent(size, this.writer!.lastLength, compressed)
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
   * is told that the rest is not wanted (checklist point 15). `more`: fields of the protocol's own beside the status.
   */
  finish(
    status: Status,
    details: readonly StatusDetail[],
    trailers: Metadata | undefined,
    more: readonly string[] = noFields,
  ): void {
    if (this.state === "closed") return
    const { connection, stream, deflater } = this
    if (deflater?.pending) {
      deflater.after(() => this.finish(status, details, trailers, more))
      return
    }
    const plain = status === okStatus && details.length === 0 && (trailers === undefined || trailers.size === 0)
    let said = status
    if (plain) connection.sendHeaders(stream, this.state === "open" ? okTrailersOnly : okTrailers, undefined, true)
    else {
      let fields = [...statusToFields(status, details, trailers), ...more]
      const only = this.state === "open"
      const excess = only ? connection.headerListExcess(responseHeaders, fields) : connection.headerListExcess(fields)
      if (excess > 0) {
        // What the handler said stays true, but for its details.
        const refusal = tooLarge("status or trailers", excess).status
        const known = status.code === "OK" ? refusal : status
        said = { ...known, message: refusal.message }
        fields = statusToFields(said, [], undefined)
      }
      if (only) connection.sendHeaders(stream, responseHeaders, fields, true)
      else connection.sendHeaders(stream, fields, undefined, true)
    }
    this.state = "closed"
    this.counts.end(true, status.code === "OK")
    this.inflater?.stop()
    this.tracing?.end(said, "server", trailers)
    if (!this.requestsEnded) connection.refuseRest(stream)
    if (this.call === undefined) this.release()
  }

  /** Resets the stream: the client learns that the call is over and no more. */
  reset(error: StatusError): void {
    if (this.state === "closed") return
    this.state = "closed"
    this.counts.end(false, false)
    this.stopMessages()
    this.tracing?.failed(error)
    this.tracing?.end(error.status, "server", undefined)
    this.transport.session.reset(this.stream, ErrorCode.CANCEL)
  }

  /** Nothing of the call runs any more: another may take its place among the connection's streams. */
  release(): void {
    if (this.released) return
    this.released = true
    this.waiting = undefined
    this.admission?.leave()
    this.connection.release(this.stream)
    this.transport.streamDone()
  }

  private answerHttp(refusal: HttpRefusal): void {
    const { connection } = this
    connection.sendHeaders(this.stream, refusal.headers, undefined, refusal.body.length === 0)
    connection.sendOwned(this.stream, refusal.body, 0, refusal.body.length, true)
    this.state = "closed"
    this.counts.end(true, false)
    this.release()
  }
}

/** RFC 9113 §6.5.2: the client has said how large a header list may be. */
function tooLarge(what: string, excess: number): StatusError {
  return new StatusError(
    "RESOURCE_EXHAUSTED",
    `the response's ${what} are ${excess} bytes larger than the client takes`,
    { reason: "FARCALL_HEADERS_TOO_LARGE" },
  )
}

const noFields: readonly string[] = []
const responseHeaders = new PreparedHeaders([":status", "200", "content-type", "application/grpc"])
const okTrailers = new PreparedHeaders(["grpc-status", "0"])
const okTrailersOnly = new PreparedHeaders([":status", "200", "content-type", "application/grpc", "grpc-status", "0"])

/** What a request's header block says; left in the block, so that a block that comes again is read once. */
interface RequestHead {
  readonly route: Route | undefined
  readonly timeoutMs: number
  /** How requests may be compressed. */
  readonly compression: Compression | undefined
  readonly acceptEncoding: string | undefined
  /** It is gRPC's, but cannot be served. */
  readonly error: { readonly status: Status; readonly fields: readonly string[] } | undefined
  /** It is not gRPC's. */
  readonly refusal: HttpRefusal | undefined
}

/** An answer in plain HTTP. */
interface HttpRefusal {
  readonly headers: PreparedHeaders
  readonly body: Uint8Array
}

function readHead(block: HeaderBlock, { router, compressions }: CallStarter): RequestHead {
  if (block.oversize) {
    if (isGrpc(block.get("content-type"))) {
      return failing("RESOURCE_EXHAUSTED", "the request's headers are larger than this server accepts")
    }
    return refusing(requestTooLarge)
  }
  if (block.method !== "POST") {
    return refusing(block.method === "HEAD" ? onlyPostToHead : onlyPost)
  }
  if (!isGrpc(block.get("content-type"))) {
    return refusing(onlyGrpc)
  }
  const path = block.path ?? ""
  const route = router.find(path)
  if (route === undefined) return failing("UNIMPLEMENTED", router.explain(path))
  if (route.handler === undefined) {
    return { ...failing("UNIMPLEMENTED", unimplementedText(path)), route }
  }
  const encoding = block.get("grpc-encoding") ?? identity
  const compression = compressions.find(encoding)
  if (compression === undefined && encoding !== identity) {
    // Checklist point 34.
    const message = `the grpc-encoding ${JSON.stringify(encoding)} is not supported; there are ${compressions.accepted}`
    return failing("UNIMPLEMENTED", message, ["grpc-accept-encoding", compressions.accepted])
  }
  const timeout = block.get("grpc-timeout")
  const timeoutMs = timeout === undefined ? Number.POSITIVE_INFINITY : decodeTimeout(timeout)
  if (timeoutMs === undefined) return failing("INTERNAL", `the grpc-timeout ${JSON.stringify(timeout)} is malformed`)
  const acceptEncoding = block.get("grpc-accept-encoding")
  return { route, timeoutMs, compression, acceptEncoding, error: undefined, refusal: undefined }
}

const unserved = {
  route: undefined,
  timeoutMs: Number.POSITIVE_INFINITY,
  compression: undefined,
  acceptEncoding: undefined,
} as const

function refusing(refusal: HttpRefusal): RequestHead {
  return { ...unserved, error: undefined, refusal }
}

function failing(
  code: "INTERNAL" | "UNIMPLEMENTED" | "RESOURCE_EXHAUSTED",
  message: string,
  fields: readonly string[] = [],
): RequestHead {
  const status = { code, codeNumber: statusCodes[code], message }
  return { ...unserved, error: { status, fields }, refusal: undefined }
}

/** `application/grpc`, with a `+` suffix or parameters; not `application/grpc-web` (checklist point 7). */
function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(\+proto)?[ \t]*(;|$)/i.test(contentType)
}

function httpRefusal(status: string, text: string, ...fields: readonly string[]): HttpRefusal {
  const body = new TextEncoder().encode(text)
  const headers = new PreparedHeaders([
    ":status",
    status,
    "content-type",
    "text/plain; charset=utf-8",
    "content-length",
    String(body.length),
    ...fields,
  ])
  return { headers, body }
}

/** RFC 9110 §15.5.6: it names the methods that there are. */
const onlyPost = httpRefusal(
  "405",
  "This is a gRPC server: calls are POST requests. Use a gRPC client.\n",
  "allow",
  "POST",
)
/** RFC 9110 §9.3.2: the answer to HEAD has no content, and the length of what GET would be given. */
const onlyPostToHead: HttpRefusal = { headers: onlyPost.headers, body: new Uint8Array(0) }
/** RFC 6585 §5. */
const requestTooLarge = httpRefusal("431", "The request's headers are larger than this server accepts.\n")
const onlyGrpc = httpRefusal("415", "This is a gRPC server: the content-type of its calls is application/grpc.\n")

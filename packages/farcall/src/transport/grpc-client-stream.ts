import {
  type Connection,
  ErrorCode,
  type HeaderBlock,
  type PreparedHeaders,
  type Stream,
  type StreamClosure,
} from "@farcall/http2"
import type { ClientStream, StreamFailure, StreamListener } from "../client/transport.js"
import type { Ender } from "../core/call-tracer.js"
import type { AttemptTracing } from "../core/client-call-tracing.js"
import { type Compression, type Compressions, identity, mayCompress } from "../core/compression.js"
import type { MessageKeeper } from "../core/encoded-message.js"
import { type MessageReceiver, type PartialMessage, receiveMessages, truncationError } from "../core/message-framing.js"
import { MessageInflater } from "../core/message-inflater.js"
import type { Reason } from "../core/reason.js"
import { type Status, type StatusCode, statusCodes } from "../core/status.js"
import type { StatusError } from "../core/status-error.js"
import { statusCodeOfReset, statusFromBlock, statusFromHttp } from "../core/trailers.js"
import { HttpAnswer } from "./http-answer.js"
import type { Http2Session, StreamOwner } from "./http2-session.js"
import { MessageDeflater } from "./message-deflater.js"
import type { MessageWriter } from "./message-writer.js"
import { causeOf } from "./stream-closed.js"

/**
 * gRPC on one HTTP/2 stream, client's side: writes the request's head and messages, reads headers, messages and the
 * status, and tells its listener of exactly one end.
 */
export class GrpcClientStream implements ClientStream, StreamOwner, MessageReceiver {
  partial: PartialMessage | undefined = undefined
  inflater: MessageInflater | undefined = undefined
  readonly maxReceiveMessageLength: number
  private deflater: MessageDeflater | undefined = undefined
  private readonly compressions: Compressions
  private readonly connection: Connection<StreamOwner>
  private readonly session: StreamSession
  private readonly writer: MessageWriter
  private readonly listener: StreamListener
  private readonly tracing: AttemptTracing | undefined
  private stream: Stream<StreamOwner> | undefined = undefined
  private requestsEnded = false
  private answered = false
  private ended = false

  constructor(
    session: StreamSession,
    writer: MessageWriter,
    listener: StreamListener,
    maxReceiveMessageLength: number,
    compressions: Compressions,
    tracing: AttemptTracing | undefined,
  ) {
    this.compressions = compressions
    this.connection = session.connection
    this.session = session
    this.writer = writer
    this.listener = listener
    this.tracing = tracing
    this.maxReceiveMessageLength = maxReceiveMessageLength
  }

  /** Requests are to be compressed; before it is opened. */
  deflate(compression: Compression | undefined): void {
    if (compression === undefined) return
    this.deflater = new MessageDeflater(
      compression,
      (framed, compressed, end, size) => {
        this.writer.writeEncoded(this.connection, this.stream!, framed, end, compressed)
        this.tracing?.onMessageSent(size, this.writer.lastLength, compressed)
      },
      (error) => this.giveUp(error.status, undefined),
      () => {
        if (this.writable) this.onWritable()
      },
    )
  }

  /** HTTP/2's, once it is open. */
  get id(): number {
    return this.stream!.id
  }

  open(head: PreparedHeaders, extra: string[] | undefined): boolean {
    this.stream = this.connection.openStream(head, extra, false, this)
    if (this.stream === undefined) return false
    this.session.counts.started++
    return true
  }

  // ── what goes out ──

  get writable(): boolean {
    return this.stream!.writable && this.deflater?.pending !== true
  }

  get seen(): boolean {
    return this.answered || this.stream!.credited
  }

  sendMessage(message: unknown, end: boolean, keeper?: MessageKeeper): void {
    if (this.ended || this.requestsEnded) return
    if (this.deflater === undefined) this.writer.write(this.connection, this.stream!, message, end, keeper)
    else this.writer.deflate(this.deflater, message, mayCompress(message), end, keeper)
    this.session.counts.messagesSent++
    this.requestsEnded = end
    if (this.tracing !== undefined) this.traceSent(this.tracing)
  }

  sendEncoded(bytes: Uint8Array, end: boolean): void {
    if (this.ended || this.requestsEnded) return
    if (this.deflater === undefined) this.writer.writeEncoded(this.connection, this.stream!, bytes, end)
    else this.deflater.push(bytes, end)
    this.session.counts.messagesSent++
    this.requestsEnded = end
    if (this.tracing !== undefined) this.traceSent(this.tracing)
  }

  /** A message has left as it was given; of others their compression tells. */
  private traceSent(tracing: AttemptTracing): void {
    if (this.deflater === undefined) tracing.onMessageSent(this.writer.lastLength)
  }

  end(): void {
    if (this.ended || this.requestsEnded) return
    this.requestsEnded = true
    if (this.deflater === undefined) this.connection.endStream(this.stream!)
    else this.deflater.after(() => this.connection.endStream(this.stream!))
  }

  consumed(bytes: number): void {
    this.connection.consumed(this.stream!, bytes)
    this.inflater?.onTaken()
  }

  get takenCompressed(): boolean {
    return this.inflater?.takenCompressed === true
  }

  expect(bytes: number): void {
    this.connection.expect(this.stream!, bytes)
  }

  cancel(): void {
    if (this.ended) return
    this.ended = true
    this.session.counts.end(false, false)
    this.stopMessages()
    this.session.reset(this.stream!, ErrorCode.CANCEL)
  }

  private stopMessages(): void {
    this.inflater?.stop()
    this.deflater?.stop()
  }

  // ── what comes in ──

  onHeaders(kind: "informational" | "initial" | "trailers", block: HeaderBlock, end: boolean): void {
    // Checklist point 16: 1xx responses are passed over.
    if (this.ended || kind === "informational") return
    if (block.oversize) {
      const message = "the response's headers are larger than this client accepts"
      this.breakOff("RESOURCE_EXHAUSTED", message, "FARCALL_HEADERS_TOO_LARGE")
    } else if (end) {
      if (this.inflater === undefined) this.endWithTrailers(block)
      else this.inflater.after(() => this.endWithTrailers(block))
    } else if (kind === "trailers") this.breakStream("the server sent headers in the middle of the response")
    else this.begin(block)
  }

  private begin(block: HeaderBlock): void {
    this.answered = true
    const { grpc, encoding } = headOf(block)
    if (!grpc) {
      this.refuseHttp(block)
      return
    }
    if (encoding !== undefined) {
      const compression = this.compressions.find(encoding)
      if (compression === undefined) {
        // Checklist point 34.
        const known = this.compressions.accepted
        this.breakOff(
          "INTERNAL",
          `the server answered in the grpc-encoding ${JSON.stringify(encoding)}; known are ${known}`,
          "FARCALL_COMPRESSION",
        )
        return
      }
      this.inflater = new MessageInflater(compression, this)
    }
    this.tracing?.onHeaders(block)
    this.listener.onHeaders(block)
  }

  onData(chunk: Uint8Array, start: number, stop: number, end: boolean): void {
    if (this.ended) return
    if (stop > start) receiveMessages(this, chunk, start, stop)
    if (end && !this.ended) {
      // Checklist point 27: a response ends with trailers.
      this.breakStream("the server ended the response without a status")
    }
  }

  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean {
    this.session.counts.messagesReceived++
    if (this.tracing !== undefined) this.tracing.onMessageReceived(stop - start, this.inflater)
    return this.listener.onMessage(bytes, start, stop, owned, wireBytes) && !this.ended
  }

  onPartial(wireBytes: number, missing: number): void {
    this.listener.onPartial(wireBytes, missing)
  }

  onFramingError(error: StatusError): void {
    this.breakOff(error.code, error.message, error.reason!)
  }

  onWritable(): void {
    if (!this.ended) this.listener.onWritable()
  }

  onReset(closure: StreamClosure): void {
    if (this.ended) return
    const code = closure.scope === "connection" ? "UNAVAILABLE" : statusCodeOfReset(closure.code)
    this.finish(status(code, closure.message), undefined, this.failureOf(closure))
  }

  private endWithTrailers(block: HeaderBlock): void {
    if (this.ended) return
    const truncated = truncationError(this)
    // Checklist point 15: the rest of the requests is not wanted.
    if (!this.requestsEnded || this.deflater?.pending) this.connection.reset(this.stream!, ErrorCode.NO_ERROR)
    if (truncated !== undefined)
      this.finish(status(truncated.code, truncated.message), block, noticedHere(truncated.reason!))
    else {
      const ending = statusFromBlock(block, block.status)
      const said = ending.code === "OK" || block.get("grpc-status") !== undefined
      this.finish(ending, block, said ? undefined : withoutStatus(block))
    }
  }

  /** An answer that is not gRPC's: the HTTP status says what there is to say (checklist points 7 and 23). */
  private refuseHttp(block: HeaderBlock): void {
    const http = block.status ?? ""
    if (http !== "200") {
      const { code, message } = statusFromHttp(http)
      this.breakOff(code, message, "FARCALL_NOT_GRPC", new HttpAnswer(block))
      return
    }
    const type = block.get("content-type")
    const what = type === undefined ? "no content-type" : `the content-type ${JSON.stringify(type)}`
    const message = `the server answered with ${what}, which is not gRPC's`
    this.breakOff("UNKNOWN", message, "FARCALL_NOT_GRPC", new HttpAnswer(block))
  }

  /** The response breaks the protocol: nothing more of it is wanted. */
  private breakOff(code: StatusCode, message: string, reason: Reason, cause?: HttpAnswer): void {
    this.giveUp(status(code, message), noticedHere(reason, cause))
  }

  private breakStream(message: string): void {
    this.breakOff("INTERNAL", message, "FARCALL_BROKEN_STREAM")
  }

  private giveUp(status: Status, failure: StreamFailure | undefined): void {
    this.session.reset(this.stream!, ErrorCode.CANCEL)
    this.finish(status, undefined, failure)
  }

  private failureOf(closure: StreamClosure): StreamFailure {
    return {
      // Who has answered has seen the request, whatever REFUSED_STREAM or GOAWAY say: it is not to be sent again (gRPC A6).
      mayHaveBeenProcessed: closure.mayHaveBeenProcessed || this.answered,
      neverSent: closure.neverSent === true,
      endedBy: enderOf(closure),
      cause: causeOf(closure),
      reason: reasonOfClosure(closure),
    }
  }

  private finish(status: Status, trailers: HeaderBlock | undefined, failure: StreamFailure | undefined): void {
    this.ended = true
    this.session.counts.end(trailers !== undefined, status.code === "OK")
    if (this.inflater !== undefined || this.deflater !== undefined) this.stopMessages()
    this.listener.onEnd(status, trailers, failure)
  }
}

/** What a stream needs of its connection. */
type StreamSession = Pick<Http2Session, "connection" | "counts" | "reset">

/** This side has ended the stream, over what came; nothing broke below it. */
function noticedHere(reason: Reason, cause?: HttpAnswer): StreamFailure {
  return { mayHaveBeenProcessed: true, neverSent: false, endedBy: "client", cause, reason }
}

/** An answer that ends, of gRPC's or not, and does not say how. */
function withoutStatus(block: HeaderBlock): StreamFailure {
  const strange = block.status !== undefined && !readHead(block).grpc
  return noticedHere(strange ? "FARCALL_NOT_GRPC" : "FARCALL_BROKEN_STREAM", new HttpAnswer(block))
}

function reasonOfClosure({ scope, initiator, cause }: StreamClosure): Reason {
  const here = initiator === "local" && cause === undefined
  if (scope === "connection") return here ? "FARCALL_CHANNEL_CLOSED" : "FARCALL_CONNECTION_LOST"
  return here ? "FARCALL_BROKEN_STREAM" : "FARCALL_STREAM_RESET"
}

function enderOf({ scope, initiator }: StreamClosure): Ender {
  if (scope === "connection") return "connection"
  return initiator === "peer" ? "server" : "client"
}

function status(code: StatusCode, message: string): Status {
  return { code, codeNumber: statusCodes[code], message }
}

/** What a response's header block says. */
interface ResponseHead {
  readonly grpc: boolean
  /** How its messages may be compressed. */
  readonly encoding: string | undefined
}

/** Looked at once for each block: one that comes again from the engine's cache has the answer in its slot. */
function headOf(block: HeaderBlock): ResponseHead {
  return ((block.slot as ResponseHead | undefined) ??= readHead(block))
}

function readHead(block: HeaderBlock): ResponseHead {
  const grpc =
    block.status === "200" && /^application\/grpc(\+[^;]*|[ \t]*)(;|$)/i.test(block.get("content-type") ?? "")
  const encoding = block.get("grpc-encoding")
  return { grpc, encoding: encoding === identity ? undefined : encoding }
}

import { ErrorCode, errorCodeName, type Limits, PreparedHeaders } from "@farcall/http2"
import type { MethodConfig } from "../client/service-config.js"
import type {
  ClientStream,
  ClientTransport,
  RequestHead,
  StreamListener,
  TransportListener,
} from "../client/transport.js"
import type { AuthContext } from "../core/auth-context.js"
import type { CallTally } from "../core/call-counts.js"
import type { Clock } from "../core/clock.js"
import type { Compression, Compressions } from "../core/compression.js"
import { limits } from "../core/limits.js"
import { withReason } from "../core/reason.js"
import type { ConnectionView } from "../core/registry.js"
import type { AnyMethod } from "../core/service.js"
import { StatusError } from "../core/status-error.js"
import { encodeTimeout } from "../core/timeout.js"
import { version } from "../core/version.js"
import { splitHostPort } from "./address.js"
import { type ChannelKeepalive, tooManyPings } from "./channel-keepalive.js"
import { GrpcClientStream } from "./grpc-client-stream.js"
import { Http2Session, type SessionOwner } from "./http2-session.js"
import { Keepalive } from "./keepalive.js"
import { MessageWriter } from "./message-writer.js"
import type { Wire } from "./wire.js"
import { compressionsWith } from "./zlib.js"

export interface Http2ClientOptions {
  readonly clock: Clock
  /** `:authority` of calls that do not say another. */
  readonly authority: string
  /** In front of `grpc-farcall/…` in the `user-agent`. */
  readonly userAgent?: string | undefined
  readonly maxReceiveMessageLength?: number | undefined
  readonly maxSendMessageLength?: number | undefined
  /** Limits of HTTP/2, over the defaults of `@farcall/http2`. */
  readonly http2?: Partial<Limits> | undefined
  readonly scheme: "http" | "https"
  readonly keepalive?: ChannelKeepalive | undefined
  /** gzip and deflate when left out. */
  readonly compressions?: Compressions | undefined
  /** Nobody else hears what is sent, so that call credentials may go with it. Default false. */
  readonly secure?: boolean | undefined
}

/**
 * Makes HTTP/2 of a wire. Resolves once the server's SETTINGS have arrived: before them it may be anyone.
 * @throws Error when the wire is closed first, or the server speaks no HTTP/2
 */
export function startHttp2Client(
  wire: Wire,
  listener: TransportListener,
  options: Http2ClientOptions,
  signal: AbortSignal,
): Promise<ClientTransport> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => transport.close("the attempt to connect was given up")
    const transport = new Http2ClientTransport(wire, listener, options, (error) => {
      signal.removeEventListener("abort", abandon)
      if (error === undefined) resolve(transport)
      else reject(error)
    })
    if (signal.aborted) abandon()
    signal.addEventListener("abort", abandon, { once: true })
  })
}

/** One HTTP/2 connection to a server, on the client. */
class Http2ClientTransport implements ClientTransport, SessionOwner {
  readonly peer: string
  readonly secure: boolean
  readonly connections: readonly ConnectionView[]
  private readonly auth: AuthContext | undefined
  private readonly session: Http2Session
  private readonly listener: TransportListener
  private readonly options: Http2ClientOptions
  private readonly compressions: Compressions
  private readonly methods: Map<AnyMethod, MethodOnWire> = new Map()
  private keepalive: Keepalive | undefined = undefined
  private ready: ((error?: Error) => void) | undefined
  private draining = false

  /** @param ready called once: with nothing when the server's SETTINGS have come, or with why they will not */
  constructor(wire: Wire, listener: TransportListener, options: Http2ClientOptions, ready: (error?: Error) => void) {
    this.peer = wire.peer
    this.listener = listener
    this.options = options
    this.compressions = options.compressions ?? compressionsWith(undefined)
    this.secure = options.secure === true
    this.auth = wire.auth
    this.ready = ready
    this.session = new Http2Session("client", wire, options.clock, this, options.http2, options.authority)
    this.connections = [this.session]
    this.session.start()
  }

  get openStreams(): number {
    return this.session.connection.openStreams
  }

  get calls(): CallTally {
    return this.session.counts.calls
  }

  open(request: RequestHead, listener: StreamListener): ClientStream | undefined {
    if (this.draining) return undefined
    const { method, config } = request
    let onWire = this.methods.get(method)
    if (onWire === undefined || onWire.config !== config) {
      this.methods.set(method, (onWire = this.describe(method, config)))
    }
    const own = request.authority === this.options.authority
    const head = own ? onWire.head : this.foreignHead(method, request.authority)
    const { compressions } = this
    const stream = new GrpcClientStream(
      this.session,
      onWire.writer,
      listener,
      onWire.maxReceiveMessageLength,
      compressions,
      request.tracing,
    )
    if (request.compression !== undefined) stream.deflate(compressionFor(request.compression, compressions))
    const extra = extraFields(request)
    const excess = this.session.connection.headerListExcess(head, extra)
    if (excess > 0) {
      const message = `the request's headers are ${excess} bytes larger than ${this.peer} takes`
      throw new StatusError("RESOURCE_EXHAUSTED", message, { reason: "FARCALL_HEADERS_TOO_LARGE" })
    }
    if (stream.open(head, extra)) {
      this.keepalive?.onStream()
      const { tracing, compression } = request
      tracing?.onStream(stream.id, this.peer, this.session, compression)
      return stream
    }
    // Checklist point 48: another connection takes over.
    if (!this.session.connection.accepting) this.giveUp("its stream ids are used up")
    return undefined
  }

  drain(): void {
    this.giveUp("the channel drains it")
  }

  /** Takes no more streams, by this side's own decision. */
  private giveUp(reason: string): void {
    this.stopAccepting(reason)
    // Word for the engine as well, which tells when the last stream has ended (`onIdle`).
    this.session.connection.goAway(0, ErrorCode.NO_ERROR)
    this.closeWhenIdle()
  }

  close(reason: string): void {
    this.stopAccepting(reason)
    this.session.close(ErrorCode.NO_ERROR, reason)
  }

  // ── from the session ──

  onSettings(): void {
    const ready = this.ready
    if (ready === undefined) return
    this.ready = undefined
    const { keepalive } = this.options
    if (keepalive?.on) this.keepalive = new Keepalive(this.session, keepalive)
    this.session.announce()
    ready()
  }

  onCapacity(): void {
    this.listener.onCapacity()
  }

  onGoAway(_lastStreamId: number, code: number, debug: Uint8Array): void {
    const text = new TextDecoder().decode(debug)
    if (code === ErrorCode.ENHANCE_YOUR_CALM && text === tooManyPings) this.options.keepalive?.slowDown()
    this.stopAccepting(`the server sent GOAWAY ${errorCodeName(code)}${text === "" ? "" : `: ${text}`}`)
    this.closeWhenIdle()
  }

  onIdle(): void {
    this.closeWhenIdle()
  }

  onClosed(error: Error | undefined): void {
    this.draining = true
    this.keepalive?.stop()
    if (this.ready === undefined) {
      this.listener.onClosed(error)
      return
    }
    const ready = this.ready
    this.ready = undefined
    ready(
      error ??
        withReason("FARCALL_NOT_HTTP2", new Error("the connection was closed before the server's SETTINGS came")),
    )
  }

  private stopAccepting(reason: string): void {
    if (this.draining) return
    this.draining = true
    this.session.announceDrain(reason)
    if (this.ready === undefined) this.listener.onDraining(reason)
  }

  private closeWhenIdle(): void {
    if (this.session.connection.openStreams === 0) this.session.close(ErrorCode.NO_ERROR, "")
  }

  private describe(method: AnyMethod, config: MethodConfig | undefined): MethodOnWire {
    const { maxSendMessageLength, maxReceiveMessageLength, authority } = this.options
    const { maxRequestMessageBytes, maxResponseMessageBytes } = config ?? noLimits
    return {
      config,
      head: this.requestHead(method, authority),
      writer: new MessageWriter(
        method.input,
        Math.min(maxSendMessageLength ?? limits.maxSendMessageLength, maxRequestMessageBytes),
      ),
      maxReceiveMessageLength: Math.min(
        maxReceiveMessageLength ?? limits.maxReceiveMessageLength,
        maxResponseMessageBytes,
      ),
    }
  }

  /** gRPC A81: the server is to be one that may speak for the authority that the call names. */
  private foreignHead(method: AnyMethod, authority: string): PreparedHeaders {
    const { auth } = this
    if (auth !== undefined && auth.certificate?.isFor(splitHostPort(authority)?.host ?? authority) !== true) {
      const names = auth.certificate?.subjectAltNames.join(", ")
      const message = `the certificate of ${this.peer} is not for the call's authority ${JSON.stringify(authority)}: it is for ${names}`
      throw new StatusError("UNAVAILABLE", message, { reason: "FARCALL_WRONG_AUTHORITY" })
    }
    return this.requestHead(method, authority)
  }

  /** A request's header fields but for its timeout and metadata, in the order that gRPC wants (checklist point 1). */
  private requestHead(method: AnyMethod, authority: string): PreparedHeaders {
    const prefix = this.options.userAgent
    return new PreparedHeaders([
      ":method",
      "POST",
      ":scheme",
      this.options.scheme,
      ":path",
      method.path,
      ":authority",
      authority,
      "te",
      "trailers",
      "content-type",
      "application/grpc",
      "user-agent",
      prefix === undefined ? agent : `${prefix} ${agent}`,
      "grpc-accept-encoding",
      this.compressions.accepted,
    ])
  }
}

/** gRPC over HTTP/2, "User Agents". */
const agent = `grpc-farcall/${version}`

/** What a connection keeps of each method. */
interface MethodOnWire {
  /** What the service config said of it when this was made. */
  readonly config: MethodConfig | undefined
  readonly head: PreparedHeaders
  readonly writer: MessageWriter
  readonly maxReceiveMessageLength: number
}

const noLimits = {
  maxRequestMessageBytes: Number.POSITIVE_INFINITY,
  maxResponseMessageBytes: Number.POSITIVE_INFINITY,
}

/** @throws StatusError when it is not known: the user asked for something that there is not */
function compressionFor(name: string, compressions: Compressions): Compression | undefined {
  try {
    return compressions.choose("the call's options", name)
  } catch (cause) {
    throw new StatusError("UNIMPLEMENTED", (cause as Error).message, { cause, reason: "FARCALL_COMPRESSION" })
  }
}

function extraFields(request: RequestHead): string[] | undefined {
  const { metadata, timeoutMs, compression } = request
  if (metadata === undefined && timeoutMs === Number.POSITIVE_INFINITY && compression === undefined) return undefined
  const fields: string[] = []
  if (compression !== undefined) fields.push("grpc-encoding", compression)
  if (timeoutMs !== Number.POSITIVE_INFINITY) fields.push("grpc-timeout", encodeTimeout(timeoutMs))
  metadata?.appendTo(fields)
  return fields
}

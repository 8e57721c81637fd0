import { withReason } from "../core/reason.js"
import { SocketWire } from "./socket.js"
import { explainTlsError } from "./tls-errors.js"
import type { WireHandler } from "./wire.js"

/** A client's end of a socket. It knows a server that turns it away, by its first words or its silence. */
export class ClientWire extends SocketWire {
  /** Nothing has come from the server. */
  silent = true

  override attach(handler: WireHandler): void {
    super.attach(this.silent ? new FirstChunk(this, handler) : handler)
  }

  handOver(handler: WireHandler): void {
    this.silent = false
    super.attach(handler)
  }

  /** In TLS 1.3 a server refuses the client's certificate after the handshake, as the client sees it. */
  protected override explain(error: Error): Error {
    return this.auth === undefined ? error : explainTlsError(error, "client")
  }

  /** Why there is no HTTP/2, when the server went without a word. */
  explainSilence(error: Error): Error {
    if (!this.silent) return error
    const hint =
      this.auth === undefined
        ? "it said nothing to plaintext, as servers do that take TLS: { credentials: tls() }"
        : "it said nothing over TLS, as servers do that refuse the client's certificate, or want one: tls({ cert, key })"
    return withReason("FARCALL_NOT_HTTP2", new Error(`${error.message}; ${hint}`, { cause: error }))
  }
}

/** Looks at the first bytes from the server, then stands aside. */
class FirstChunk implements WireHandler {
  private readonly wire: ClientWire
  private readonly handler: WireHandler

  constructor(wire: ClientWire, handler: WireHandler) {
    this.wire = wire
    this.handler = handler
  }

  onChunk(chunk: Uint8Array, start: number, stop: number): void {
    this.wire.handOver(this.handler)
    const error = refusalIn(chunk, start, stop)
    if (error === undefined) this.handler.onChunk(chunk, start, stop)
    else {
      this.handler.onWireClosed(error)
      this.wire.destroy()
    }
  }

  onWireEnd(): void {
    this.handler.onWireEnd()
  }

  onWireClosed(error: Error | undefined): void {
    this.handler.onWireClosed(error)
  }
}

/** What first bytes say that are not HTTP/2's, or end it before it has begun. */
function refusalIn(chunk: Uint8Array, start: number, stop: number): Error | undefined {
  if (isHttp1(chunk, start)) {
    const text = "the server answered in HTTP/1: what listens there is no gRPC server, or takes HTTP/2 over TLS only"
    return withReason("FARCALL_NOT_HTTP2", new Error(text))
  }
  const text = isTlsAlert(chunk, start)
    ? "the server answered plaintext with an alert of TLS: it wants { credentials: tls() }"
    : goAwayTextIn(chunk, start, stop)
  return text === undefined ? undefined : withReason("FARCALL_TURNED_AWAY", new Error(text))
}

/** RFC 8446 §5.1: a record of type alert (21), and the version that all records bear. No frame of HTTP/2 is so large. */
function isTlsAlert(chunk: Uint8Array, start: number): boolean {
  return chunk[start] === 21 && chunk[start + 1] === 3
}

/** "HTTP/1", as a status line begins (RFC 9112 §4). No frame of HTTP/2 that comes first is so large. */
function isHttp1(chunk: Uint8Array, start: number): boolean {
  for (let i = 0; i < HTTP_1.length; i++) if (chunk[start + i] !== HTTP_1.charCodeAt(i)) return false
  return true
}

/** GOAWAY where SETTINGS should be: our servers' way to say why a client is not served (`server/refusal.ts`). */
function goAwayTextIn(chunk: Uint8Array, start: number, stop: number): string | undefined {
  const [high, middle, low, type] = chunk.subarray(start, stop)
  const length = (high! << 16) | (middle! << 8) | low!
  if (type !== GOAWAY || length < 8 || start + 9 + length > stop) return undefined
  const debug = chunk.subarray(start + 9 + 8, start + 9 + length)
  return `the server turned the connection away: ${new TextDecoder().decode(debug)}`
}

const HTTP_1 = "HTTP/1"

/** RFC 9113 §6.8. */
const GOAWAY = 7

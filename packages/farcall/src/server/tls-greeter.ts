import type { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import type { AuthContext } from "../core/auth-context.js"
import type { Timer } from "../core/clock.js"
import { limits } from "../core/limits.js"
import { withReason } from "../core/reason.js"
import { formatPath } from "../transport/address.js"
import { serverNameOf } from "../transport/client-hello.js"
import { formatAddress, SocketWire } from "../transport/socket.js"
import type { HandshakeListener, TlsAcceptor } from "../transport/tls-acceptor.js"
import { type GreetingOptions, greet, type PendingConnections } from "./greeter.js"
import { closeWith, refuse } from "./refusal.js"

/**
 * Makes TLS of a connection that was accepted, and greets it then as one in plaintext. By the first byte it knows who
 * speaks plaintext here, and tells them in plaintext that TLS is wanted: those who speak HTTP/2 in HTTP/2, others in
 * HTTP/1.1.
 *
 *     accepted ── first bytes ──> handshake ──> greet
 */
export function greetTls(
  socket: Socket,
  path: string | undefined,
  acceptor: TlsAcceptor,
  options: GreetingOptions,
  pending: PendingConnections,
): void {
  const greeter = new TlsGreeter(socket, path, acceptor, options, pending)
  pending.add(greeter)
}

class TlsGreeter implements HandshakeListener {
  private readonly socket: Socket
  private readonly path: string | undefined
  private readonly peer: string
  private readonly acceptor: TlsAcceptor
  private readonly options: GreetingOptions
  private readonly pending: PendingConnections
  private readonly timer: Timer
  private readonly onData: (chunk: Buffer) => void
  private first: Buffer | undefined = undefined
  /** It is no longer this one's to tell what becomes of the connection. */
  private over = false

  constructor(
    socket: Socket,
    path: string | undefined,
    acceptor: TlsAcceptor,
    options: GreetingOptions,
    pending: PendingConnections,
  ) {
    this.socket = socket
    this.path = path
    this.peer = path === undefined ? formatAddress(socket.remoteAddress, socket.remotePort) : formatPath(path)
    this.acceptor = acceptor
    this.options = options
    this.pending = pending
    this.timer = options.clock.after(limits.tlsHandshakeMs, () => {
      this.tell(withReason("FARCALL_TLS_FAILED", new Error(`there was none within ${limits.tlsHandshakeMs} ms`)))
      this.drop()
    })
    // Its end is heard of by "close".
    socket.on("error", () => {})
    socket.once("close", () =>
      this.onFailed(withReason("FARCALL_TLS_FAILED", new Error("the connection was closed in the TLS handshake"))),
    )
    this.onData = (chunk) => this.read(chunk)
    socket.on("data", this.onData)
  }

  /** Looks at the first bytes, and leaves them to who reads on. */
  private read(chunk: Buffer): void {
    const { socket, acceptor } = this
    this.first = this.first === undefined ? chunk : Buffer.concat([this.first, chunk])
    const isTls = this.first[0] === handshakeRecord
    const hello = isTls && acceptor.heedsNames ? serverNameOf(this.first) : { name: undefined }
    if (hello === "incomplete" && this.first.length < limits.maxClientHello) return
    socket.off("data", this.onData)
    socket.pause()
    socket.unshift(this.first)
    const name = hello === "incomplete" ? undefined : hello.name
    if (isTls) void acceptor.handshake(socket, name, this.options.clock.now(), this)
    else this.refusePlaintext(this.first.toString("latin1"))
  }

  onSecure(socket: TLSSocket, auth: AuthContext, refusal: string | undefined): void {
    this.done()
    const wire = new SocketWire(socket, this.path, auth)
    if (refusal === undefined) greet(wire, this.options, this.pending)
    else {
      this.options.onConnectionError?.(
        withReason("FARCALL_TURNED_AWAY", new Error(`${this.peer} was refused: ${refusal}`)),
      )
      refuse(wire, this.options.clock, refusal)
    }
  }

  onFailed(error: Error): void {
    if (this.over) return
    this.done()
    this.tell(error)
  }

  drop(): void {
    this.done()
    this.socket.destroy()
  }

  private refusePlaintext(text: string): void {
    this.done()
    this.tell(withReason("FARCALL_PLAINTEXT", new Error("it speaks plaintext, and this address takes TLS")))
    const { clock } = this.options
    const wire = new SocketWire(this.socket, this.path)
    if (text.startsWith("PRI ")) refuse(wire, clock, "this address takes TLS only")
    else if (/^[A-Z]+ \S+ HTTP\/1\./.test(text)) closeWith(wire, clock, http1Answer)
    else wire.destroy()
  }

  private tell(cause: Error): void {
    this.options.onConnectionError?.(
      withReason("FARCALL_TLS_FAILED", new Error(`no TLS with ${this.peer}: ${cause.message}`, { cause })),
    )
  }

  private done(): void {
    this.over = true
    this.timer.cancel()
    this.pending.delete(this)
  }
}

/** RFC 8446 §5.1. */
const handshakeRecord = 22

const http1Text = "This is a gRPC server that speaks HTTP/2 over TLS only. Use a gRPC client with TLS.\n"
const http1Answer = new TextEncoder().encode(
  `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${http1Text.length}\r\n\r\n${http1Text}`,
)

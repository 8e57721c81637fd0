import type { Socket } from "node:net"
import type { Server as NodeTlsServer, TLSSocket } from "node:tls"
import type { AuthContext } from "../core/auth-context.js"
import { withReason } from "../core/reason.js"
import { nodeTls } from "./node-tls.js"
import { SocketAuth } from "./socket-auth.js"
import type { TlsCredentials, TlsSettings } from "./tls-credentials.js"
import { explainTlsError } from "./tls-errors.js"
import type { Identity } from "./tls-material.js"

/** Who waits for a handshake to end. */
export interface HandshakeListener {
  /** TLS stands. `refusal` says why this client is not to be served all the same; it can be told so. */
  onSecure(socket: TLSSocket, auth: AuthContext, refusal: string | undefined): void
  /** There is no TLS, and the socket is closed. */
  onFailed(error: Error): void
}

/**
 * Makes TLS, as a server, of sockets that were accepted. Handshakes that begin after the credentials were reloaded go by
 * the new settings; a connection keeps those that it began with.
 */
export class TlsAcceptor {
  private readonly credentials: TlsCredentials
  private readonly listeners: Map<Socket, HandshakeListener> = new Map()
  private settings: TlsSettings | undefined = undefined
  /** Node's TLS servers serve here as what joins settings and sockets: they never listen themselves. */
  private readonly servers: Map<Identity | undefined, NodeTlsServer> = new Map()

  /** @throws Error when Node cannot make TLS of the credentials, for instance for suites that it does not know */
  constructor(credentials: TlsCredentials) {
    this.credentials = credentials
    this.serverFor(undefined)
  }

  private get asksForCertificates(): boolean {
    return (this.credentials.options.clientCertificates ?? "none") !== "none"
  }

  /** Whether `handshake` wants to know the name that the client asks for. */
  get heedsNames(): boolean {
    return this.credentials.current.heedsNames
  }

  /**
   * @param name what the client asks for (SNI)
   * @param now by the clock of the server
   */
  async handshake(socket: Socket, name: string | undefined, now: number, listener: HandshakeListener): Promise<void> {
    await this.credentials.refresh(now)
    if (socket.destroyed) return
    let server: NodeTlsServer
    try {
      server = this.serverFor(name)
    } catch (error) {
      socket.destroy()
      listener.onFailed(error as Error)
      return
    }
    this.listeners.set(socket, listener)
    socket.once("close", () =>
      this.fail(socket, withReason("FARCALL_TLS_FAILED", new Error("the connection was closed in the TLS handshake"))),
    )
    server.emit("connection", socket)
  }

  private serverFor(name: string | undefined): NodeTlsServer {
    const { current: settings } = this.credentials
    if (settings !== this.settings) {
      this.settings = settings
      this.servers.clear()
    }
    const identity = settings.identityFor(name)
    let server = this.servers.get(identity)
    if (server === undefined) this.servers.set(identity, (server = this.makeServer(settings, identity)))
    return server
  }

  private makeServer(settings: TlsSettings, identity: Identity | undefined): NodeTlsServer {
    const server = nodeTls().createServer({
      ...settings.serverContext(identity),
      ALPNProtocols: ["h2"],
      requestCert: this.asksForCertificates,
      // Judged in `refusalOf`, so that the client can be told why.
      rejectUnauthorized: false,
    })
    server.on("secureConnection", (socket) => this.succeed(socket))
    server.on("tlsClientError", (error, socket) => this.fail(rawSocketOf(socket), error))
    return server
  }

  private succeed(socket: TLSSocket): void {
    const raw = rawSocketOf(socket)
    const listener = this.listeners.get(raw)
    this.listeners.delete(raw)
    if (listener === undefined) {
      socket.destroy()
      return
    }
    // Taken out now, so that it is there for as long as anyone asks, whatever becomes of the connection.
    const x509 = this.asksForCertificates ? socket.getPeerX509Certificate() : undefined
    listener.onSecure(socket, new SocketAuth(socket, x509), this.refusalOf(socket, x509 !== undefined))
  }

  /** Why a client that has shaken hands is not to be served: what it has shown of itself, or what it speaks. */
  private refusalOf(socket: TLSSocket, showsCertificate: boolean): string | undefined {
    if (showsCertificate && !socket.authorized) {
      const code = String(socket.authorizationError)
      return explainTlsError(Object.assign(withReason("FARCALL_TLS_FAILED", new Error(code)), { code }), "server")
        .message
    }
    if (!showsCertificate && this.credentials.options.clientCertificates === "require") {
      return "this server takes only clients with a certificate"
    }
    // RFC 9113 §3.2, and as gRPC's other servers insist.
    if (socket.alpnProtocol !== "h2") return 'the TLS handshake must agree on HTTP/2 (ALPN "h2"), and did not'
    return undefined
  }

  private fail(socket: Socket, error: Error): void {
    const listener = this.listeners.get(socket)
    if (!this.listeners.delete(socket)) return
    socket.destroy()
    listener!.onFailed(explainTlsError(error, "server"))
  }
}

/** Node keeps the socket that a TLS socket was made of, and has no public name for it. */
function rawSocketOf(socket: TLSSocket): Socket {
  return (socket as unknown as { _parent: Socket })._parent
}

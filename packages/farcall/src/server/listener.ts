import { unlinkSync } from "node:fs"
import { createServer, Server as NetServer, type Socket } from "node:net"
import type { Clock } from "../core/clock.js"
import { Entity } from "../core/entity.js"
import { limits } from "../core/limits.js"
import { badOption, withReason } from "../core/reason.js"
import type { ListenSocketView } from "../core/registry.js"
import { wireOfAccepted } from "../transport/accepted-socket.js"
import { formatPath, isLoopbackHost, joinHostPort, splitHostPort } from "../transport/address.js"
import { type Credentials, checkCredentials } from "../transport/credentials.js"
import { formatAddress } from "../transport/socket.js"
import { TlsAcceptor } from "../transport/tls-acceptor.js"
import { addressesOf, bind, bindHost } from "./bind.js"
import { type GreetingOptions, greet, type PendingConnections } from "./greeter.js"
import { greetTls } from "./tls-greeter.js"

/** Where a server listens. */
export interface ListenAddress {
  /** The host as it was asked for; a unix socket has none. */
  readonly host: string | undefined
  /** The port that was bound; a unix socket has none. */
  readonly port: number | undefined
  /** The unix socket's path; of one that was handed over by its descriptor it is not known. */
  readonly path: string | undefined
  /** As a target for clients: `localhost:50051`, `[::]:50051`, `unix:/run/x.sock`, `unix-abstract:x`. */
  toString(): string
}

/**
 * A socket that listens already: a file descriptor that the process was started with (`{ fd: 3 }` is the first of systemd's
 * socket activation), or a server of `node:net`, of which nobody else takes connections.
 */
export type HandedOverSocket = { readonly fd: number } | NetServer

/** What a listener is given: connections go to `accept` once their first bytes have said that they are HTTP/2. */
export interface ListenerOptions extends GreetingOptions {
  readonly credentials?: Credentials | undefined
  readonly maxPendingConnections?: number | undefined
}

/**
 * Sockets that listen on one address. A name is bound on every IP address that it stands for, as gRPC servers do, so that
 * `localhost` is reached by 127.0.0.1 and by ::1.
 */
export class Listener {
  readonly address: ListenAddress
  /** For who looks in from outside. */
  readonly sockets: readonly ListenSocketView[]
  private readonly servers: readonly NetServer[]
  private readonly pending: PendingConnections

  private constructor(
    address: ListenAddress,
    servers: readonly NetServer[],
    pending: PendingConnections,
    clock: Clock,
  ) {
    this.address = address
    this.servers = servers
    this.sockets = servers.map((server) => ({ entity: new Entity(clock), local: localOf(server) }))
    this.pending = pending
  }

  /**
   * @param address `host:port`, `[v6]:port`, `unix:path`, `unix-abstract:name`, or a socket that listens already; port 0
   *   picks one that is free
   * @throws TypeError for an address that cannot be read, for plaintext off this machine that was not said, or for TLS
   *   that has no certificate to show; Error with the system's error as its cause when the address cannot be bound.
   */
  static async listen(address: string | HandedOverSocket, options: ListenerOptions): Promise<Listener> {
    if (typeof address === "object" && address !== null) return Listener.takeOver(address, options)
    if (typeof address !== "string") {
      throw notAnAddress(address, typeof address === "number" ? `; did you mean "localhost:${address}"?` : "")
    }
    const pending: PendingConnections = new Set()
    const checked = (where: string, onMachine: boolean): Credentials =>
      checkCredentials("listen", where, onMachine, options.credentials)
    const path = unixPathOf(address)
    if (path !== undefined) {
      const server = takingConnections(createServer(), connectionTaker(checked(address, true), options, pending), path)
      await bind(server, { path }, address)
      return new Listener(new UnixListenAddress(path), [server], pending, options.clock)
    }
    const { host, port } = readAddress(address)
    const credentials = checked(address, isLoopbackHost(host))
    const take = connectionTaker(credentials, options, pending)
    const hosts = await addressesOf(host, address, options.clock)
    if (credentials.kind === "local") for (const one of hosts) checked(one, isLoopbackHost(one))
    const servers = await bindHost(hosts, port, () => takingConnections(createServer(), take), address)
    const bound = servers[0]!.address() as { port: number }
    return new Listener(new TcpListenAddress(host, bound.port), servers, pending, options.clock)
  }

  /** Takes the connections of a socket that listens already. It is closed with the listener. */
  private static async takeOver(socket: HandedOverSocket, options: ListenerOptions): Promise<Listener> {
    const given = socket instanceof NetServer
    // Servers of HTTP and TLS are net.Servers too, and take the connections themselves.
    const fits = given ? socket.listening && socket.listenerCount("connection") === 0 : isDescriptor(socket.fd)
    if (!fits) {
      const wanted = "a net.Server that listens, of which nobody takes the connections, or { fd }"
      throw withReason("FARCALL_CANNOT_LISTEN", new TypeError(`listen: a socket that is handed over must be ${wanted}`))
    }
    const server = given ? socket : createServer()
    if (!given) await bind(server, { fd: socket.fd }, `file descriptor ${socket.fd}`)
    const bound = server.address()
    const tcp = bound !== null && typeof bound === "object"
    const address = tcp
      ? new TcpListenAddress(bound.address, bound.port)
      : new UnixListenAddress(bound ?? undefined, given ? "a socket" : `file descriptor ${socket.fd}`)
    const pending: PendingConnections = new Set()
    try {
      const onMachine = !tcp || isLoopbackHost(bound.address)
      const credentials = checkCredentials("listen", address.toString(), onMachine, options.credentials)
      takingConnections(server, connectionTaker(credentials, options, pending), address.path ?? (tcp ? undefined : ""))
    } catch (error) {
      if (!given) server.close()
      throw error
    }
    return new Listener(address, [server], pending, options.clock)
  }

  /** Listens no more, and lets go of connections that have not said their protocol. */
  close(): void {
    for (const server of this.servers) server.close()
    for (const greeter of this.pending) greeter.drop()
    const { path } = this.address
    if (path !== undefined && !path.startsWith("\0")) {
      try {
        unlinkSync(path)
      } catch {
        // Node has taken the socket away itself.
      }
    }
  }
}

class TcpListenAddress implements ListenAddress {
  readonly host: string
  readonly port: number
  readonly path: undefined = undefined

  constructor(host: string, port: number) {
    this.host = host
    this.port = port
  }

  toString(): string {
    return joinHostPort(this.host, this.port)
  }
}

class UnixListenAddress implements ListenAddress {
  readonly host: undefined = undefined
  readonly port: undefined = undefined
  readonly path: string | undefined
  private readonly text: string

  /** @param instead what it is called when its path is not known */
  constructor(path: string | undefined, instead = "") {
    this.path = path
    this.text = path === undefined ? instead : formatPath(path)
  }

  toString(): string {
    return this.text
  }
}

/** Where a socket that is bound listens, as peers are named. */
function localOf(server: NetServer): string {
  const bound = server.address()
  if (bound === null) return "unknown"
  return typeof bound === "string" ? formatPath(bound) : formatAddress(bound.address, bound.port)
}

type ConnectionTaker = (socket: Socket, path: string | undefined) => void

/** @param path of the unix socket that it listens on */
function takingConnections(server: NetServer, take: ConnectionTaker, path?: string): NetServer {
  server.on("connection", (socket) => take(socket, path))
  // Errors of a server that listens already (out of file descriptors, say) concern connections that are not there.
  server.on("error", () => {})
  return server
}

/**
 * What is done with each connection of a listener; its sockets share their handshakes' secrets.
 * @throws TypeError for TLS that has no certificate to show
 */
function connectionTaker(
  credentials: Credentials,
  options: ListenerOptions,
  pending: PendingConnections,
): ConnectionTaker {
  const tls = credentials.kind === "tls"
  if (tls && !credentials.current.serves) throw badOption("listen: tls() needs cert and key, which clients are shown")
  const acceptor = tls ? new TlsAcceptor(credentials) : undefined
  const most = options.maxPendingConnections ?? limits.maxPendingConnections
  return (socket, path) => {
    if (pending.size >= most) turnAway(socket, most, options)
    else if (acceptor === undefined) greet(wireOfAccepted(socket, path), options, pending)
    else greetTls(socket, path, acceptor, options, pending)
  }
}

function turnAway(socket: Socket, others: number, { onConnectionError }: ListenerOptions): void {
  const peer = formatAddress(socket.remoteAddress, socket.remotePort)
  socket.destroy()
  onConnectionError?.(
    withReason(
      "FARCALL_TURNED_AWAY",
      new Error(`${peer} was turned away: ${others} others have not said yet what they speak`),
    ),
  )
}

function readAddress(address: string): { host: string; port: number } {
  const parts = splitHostPort(address)
  if (parts?.port === undefined) {
    const meant = /^:\d+$/.test(address) ? `; did you mean "[::]${address}", every address of this machine?` : ""
    throw notAnAddress(address, meant)
  }
  return { host: parts.host, port: parts.port }
}

function notAnAddress(address: unknown, meant: string): TypeError {
  const forms = "it must have the form host:port, [v6]:port, unix:path or unix-abstract:name"
  return withReason(
    "FARCALL_BAD_ADDRESS",
    new TypeError(`listen: ${JSON.stringify(address)} is no address; ${forms}${meant}`),
  )
}

/** The path of a unix socket, when the address is one; a name of the abstract namespace begins with a zero character. */
function unixPathOf(address: string): string | undefined {
  if (address.startsWith("unix-abstract:")) return `\0${address.slice("unix-abstract:".length)}`
  return address.startsWith("unix:") ? address.slice("unix:".length).replace(/^\/\/(?=\/)/, "") : undefined
}

function isDescriptor(fd: unknown): boolean {
  return typeof fd === "number" && Number.isInteger(fd) && fd >= 0
}

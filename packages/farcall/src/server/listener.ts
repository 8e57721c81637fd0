import { lookup } from "node:dns/promises"
import { unlinkSync } from "node:fs"
import { createServer, type Server as NetServer, type Socket } from "node:net"
import type { Clock } from "../core/clock.js"
import { Entity } from "../core/entity.js"
import { limits } from "../core/limits.js"
import type { ListenSocketView } from "../core/registry.js"
import { wireOfAccepted } from "../transport/accepted-socket.js"
import { formatPath, isLoopbackHost, joinHostPort, splitHostPort } from "../transport/address.js"
import { type Credentials, checkCredentials } from "../transport/credentials.js"
import { formatAddress } from "../transport/socket.js"
import { TlsAcceptor } from "../transport/tls-acceptor.js"
import { type GreetingOptions, greet, type PendingConnections } from "./greeter.js"
import { greetTls } from "./tls-greeter.js"

/** Where a server listens. */
export interface ListenAddress {
  /** The host as it was asked for; a unix socket has none. */
  readonly host: string | undefined
  /** The port that was bound; a unix socket has none. */
  readonly port: number | undefined
  /** The unix socket's path. */
  readonly path: string | undefined
  /** As a target for clients: `localhost:50051`, `[::]:50051`, `unix:/run/x.sock`. */
  toString(): string
}

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
   * @param address `host:port`, `[v6]:port` or `unix:path`; port 0 picks one that is free
   * @throws TypeError for an address that cannot be read, for plaintext off this machine that was not said, or for TLS
   *   that has no certificate to show; Error with the system's error as its cause when the address cannot be bound.
   */
  static async listen(address: string, options: ListenerOptions): Promise<Listener> {
    const pending: PendingConnections = new Set()
    const checked = (where: string, onMachine: boolean): Credentials =>
      checkCredentials("listen", where, onMachine, options.credentials)
    if (address.startsWith("unix:")) {
      const path = address.slice("unix:".length).replace(/^\/\/(?=\/)/, "")
      const server = makeServer(checked(address, true), options, pending)(path)
      await bind(server, { path }, address)
      return new Listener(new UnixListenAddress(path), [server], pending, options.clock)
    }
    const { host, port } = readAddress(address)
    const credentials = checked(address, isLoopbackHost(host))
    const serve = makeServer(credentials, options, pending)
    const hosts = await addressesOf(host, address, options.clock)
    if (credentials.kind === "local") for (const one of hosts) checked(one, isLoopbackHost(one))
    const servers: NetServer[] = []
    let bound = port
    try {
      for (const one of hosts) {
        const server = serve()
        await bind(server, { host: one, port: bound }, address)
        servers.push(server)
        bound = (server.address() as { port: number }).port
      }
    } catch (error) {
      for (const server of servers) server.close()
      throw error
    }
    return new Listener(new TcpListenAddress(host, bound), servers, pending, options.clock)
  }

  /** Listens no more, and lets go of connections that have not said their protocol. */
  close(): void {
    for (const server of this.servers) server.close()
    for (const greeter of this.pending) greeter.drop()
    if (this.address.path !== undefined) {
      try {
        unlinkSync(this.address.path)
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
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  toString(): string {
    return `unix:${this.path}`
  }
}

/** Where a socket that is bound listens, as peers are named. */
function localOf(server: NetServer): string {
  const bound = server.address()
  if (bound === null) return "unknown"
  return typeof bound === "string" ? formatPath(bound) : formatAddress(bound.address, bound.port)
}

/**
 * Makes the sockets that listen, which share their handshakes' secrets.
 * @throws TypeError for TLS that has no certificate to show
 */
function makeServer(
  credentials: Credentials,
  options: ListenerOptions,
  pending: PendingConnections,
): (path?: string) => NetServer {
  const tls = credentials.kind === "tls"
  if (tls && !credentials.current.serves)
    throw new TypeError("listen: tls() needs cert and key, which clients are shown")
  const acceptor = tls ? new TlsAcceptor(credentials) : undefined
  const most = options.maxPendingConnections ?? limits.maxPendingConnections
  return (path) => {
    const server = createServer((socket) => {
      if (pending.size >= most) turnAway(socket, most, options)
      else if (acceptor === undefined) greet(wireOfAccepted(socket, path), options, pending)
      else greetTls(socket, path, acceptor, options, pending)
    })
    // Errors of a server that listens already (out of file descriptors, say) concern connections that are not there.
    server.on("error", () => {})
    return server
  }
}

function turnAway(socket: Socket, others: number, { onConnectionError }: ListenerOptions): void {
  const peer = formatAddress(socket.remoteAddress, socket.remotePort)
  socket.destroy()
  onConnectionError?.(new Error(`${peer} was turned away: ${others} others have not said yet what they speak`))
}

function readAddress(address: string): { host: string; port: number } {
  const parts = splitHostPort(address)
  if (parts?.port === undefined) {
    throw new TypeError(
      `listen: ${JSON.stringify(address)} is no address; it must have the form host:port, [v6]:port or unix:path`,
    )
  }
  return { host: parts.host, port: parts.port }
}

function addressesOf(host: string, address: string, clock: Clock): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      timer.cancel()
      reject(new Error(`cannot listen on ${address}: ${cause.message}`, { cause }))
    }
    const timer = clock.after(limits.listenLookupMs, () =>
      fail(new Error(`looking up ${JSON.stringify(host)} took more than ${limits.listenLookupMs} ms`)),
    )
    lookup(host, { all: true }).then((found) => {
      timer.cancel()
      resolve([...new Set(found.map((one) => one.address))])
    }, fail)
  })
}

function bind(
  server: NetServer,
  where: { host: string; port: number } | { path: string },
  address: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      const error = new Error(`cannot listen on ${address}: ${explain(cause)}`, { cause })
      reject(Object.assign(error, { code: cause.code }))
    }
    server.once("error", failed)
    server.listen(where, () => {
      server.off("error", failed)
      resolve()
    })
  })
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "EADDRINUSE":
      return "another program listens there already (EADDRINUSE)"
    case "EACCES":
      return "this user may not (EACCES)"
    case "EADDRNOTAVAIL":
      return "this machine does not have that address (EADDRNOTAVAIL)"
    default:
      return error.message
  }
}

import { lookup } from "node:dns/promises"
import { unlinkSync } from "node:fs"
import { createServer, type Server as NetServer, type Socket } from "node:net"
import type { Clock, Timer } from "../core/clock.js"
import { limits } from "../core/limits.js"
import { isLoopbackHost, joinHostPort, splitHostPort } from "../transport/address.js"
import { type Credentials, checkCredentials } from "../transport/credentials.js"
import { SocketWire } from "../transport/socket.js"
import type { Wire, WireHandler } from "../transport/wire.js"

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
export interface ListenerOptions {
  readonly credentials?: Credentials | undefined
  readonly clock: Clock
  /** Takes a connection over; returns who is now told of what the wire brings, beginning with its first bytes. */
  accept(wire: Wire): WireHandler
}

/**
 * Sockets that listen on one address. A name is bound on every IP address that it stands for, as gRPC servers do, so that
 * `localhost` is reached by 127.0.0.1 and by ::1.
 */
export class Listener {
  readonly address: ListenAddress
  private readonly servers: readonly NetServer[]
  private readonly waiting: Set<Greeter>

  private constructor(address: ListenAddress, servers: readonly NetServer[], waiting: Set<Greeter>) {
    this.address = address
    this.servers = servers
    this.waiting = waiting
  }

  /**
   * @param address `host:port`, `[v6]:port` or `unix:path`; port 0 picks one that is free
   * @throws TypeError for an address that cannot be read, or for plaintext off this machine that was not said; Error with
   *   the system's error as its cause when the address cannot be bound.
   */
  static async listen(address: string, options: ListenerOptions): Promise<Listener> {
    const waiting: Set<Greeter> = new Set()
    const serve = (path?: string): NetServer => {
      const server = createServer((socket) => {
        const greeter = new Greeter(socket, path, options, () => waiting.delete(greeter))
        waiting.add(greeter)
      })
      // Errors of a server that listens already (out of file descriptors, say) concern connections that are not there.
      server.on("error", () => {})
      return server
    }
    if (address.startsWith("unix:")) {
      const path = address.slice("unix:".length).replace(/^\/\/(?=\/)/, "")
      checkCredentials("listen", address, true, options.credentials)
      const server = serve(path)
      await bind(server, { path }, address)
      return new Listener(new UnixListenAddress(path), [server], waiting)
    }
    const { host, port } = readAddress(address)
    checkCredentials("listen", address, isLoopbackHost(host), options.credentials)
    const hosts = await addressesOf(host, address)
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
    return new Listener(new TcpListenAddress(host, bound), servers, waiting)
  }

  /** Listens no more, and lets go of connections that have not said their protocol. */
  close(): void {
    for (const server of this.servers) server.close()
    for (const greeter of this.waiting) greeter.drop()
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

function readAddress(address: string): { host: string; port: number } {
  const parts = splitHostPort(address)
  if (parts?.port === undefined) {
    throw new TypeError(
      `listen: ${JSON.stringify(address)} is no address; it must have the form host:port, [v6]:port or unix:path`,
    )
  }
  return { host: parts.host, port: parts.port }
}

async function addressesOf(host: string, address: string): Promise<string[]> {
  try {
    const found = await lookup(host, { all: true })
    return [...new Set(found.map((one) => one.address))]
  } catch (cause) {
    throw new Error(`cannot listen on ${address}: ${(cause as Error).message}`, { cause })
  }
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

const prefaceText = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
const preface = new TextEncoder().encode(prefaceText)

/**
 * Tells by a connection's first bytes what it speaks: HTTP/2 goes on to the server, HTTP/1.1 is told in HTTP/1.1 that
 * this is a gRPC server, anything else is closed without an answer.
 */
class Greeter implements WireHandler {
  private readonly wire: Wire
  private readonly options: ListenerOptions
  private readonly onDone: () => void
  private readonly timer: Timer
  private line = ""

  constructor(socket: Socket, path: string | undefined, options: ListenerOptions, onDone: () => void) {
    this.options = options
    this.onDone = onDone
    this.wire = new SocketWire(socket, path)
    this.timer = options.clock.after(limits.firstBytesMs, () => this.drop())
    this.wire.attach(this)
  }

  onChunk(chunk: Uint8Array, start: number, stop: number): void {
    if (this.line === "" && stop - start >= preface.length && isHttp2(chunk, start)) {
      this.accept(chunk, start, stop)
      return
    }
    this.line += Buffer.from(chunk.buffer, chunk.byteOffset + start, stop - start).toString("latin1")
    // A preface that dribbles in has no more time than any other first bytes.
    if (prefaceText.startsWith(this.line)) {
      if (this.line.length < prefaceText.length) return
    } else if (!this.line.startsWith(prefaceText)) {
      this.refuse()
      return
    }
    const bytes = Buffer.from(this.line, "latin1")
    this.accept(bytes, 0, bytes.length)
  }

  private accept(chunk: Uint8Array, start: number, stop: number): void {
    this.done()
    this.options.accept(this.wire).onChunk(chunk, start, stop)
  }

  /** It is not HTTP/2; its first line says what it is. */
  private refuse(): void {
    const end = this.line.indexOf("\n")
    if (end < 0 && this.line.length < 8192) return
    this.done()
    if (/^\S+ \S+ HTTP\/1\./.test(this.line)) this.wire.write([http1Answer], () => this.wire.end())
    else this.wire.destroy()
  }

  onWireEnd(): void {
    this.drop()
  }

  onWireClosed(): void {
    this.done()
  }

  drop(): void {
    this.done()
    this.wire.destroy()
  }

  private done(): void {
    this.timer.cancel()
    this.onDone()
  }
}

function isHttp2(chunk: Uint8Array, start: number): boolean {
  return preface.every((byte, i) => chunk[start + i] === byte)
}

const http1Text = "This is a gRPC server: it speaks HTTP/2 only. Use a gRPC client.\n"
const http1Answer = new TextEncoder().encode(
  `HTTP/1.1 505 HTTP Version Not Supported\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${http1Text.length}\r\n\r\n${http1Text}`,
)

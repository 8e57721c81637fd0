import type { Socket } from "node:net"
import type { AuthContext } from "../core/auth-context.js"
import { formatPath } from "./address.js"
import type { Wire, WireHandler } from "./wire.js"

/** A TCP or unix socket (or anything that node gives the same face, as TLS sockets) as a wire. */
export class SocketWire implements Wire {
  readonly peer: string
  readonly local: string
  readonly auth: AuthContext | undefined
  readonly socketOptions: Readonly<Record<string, string>> | undefined
  private readonly socket: Socket
  private handler: WireHandler | undefined = undefined
  private error: Error | undefined = undefined

  /**
   * @param path the unix socket's path, when it is one
   * @param auth what TLS has found out, when the socket speaks it
   */
  constructor(socket: Socket, path?: string, auth?: AuthContext) {
    this.socket = socket
    this.auth = auth
    this.peer = path === undefined ? formatAddress(socket.remoteAddress, socket.remotePort) : formatPath(path)
    this.local = path === undefined ? formatAddress(socket.localAddress, socket.localPort) : formatPath(path)
    socket.setNoDelay(true)
    this.socketOptions = path === undefined ? tcpOptions : undefined
    socket.on("error", (error) => {
      this.error = this.explain(error)
    })
    socket.on("end", () => this.handler?.onWireEnd())
    socket.on("close", () => this.handler?.onWireClosed(this.error))
  }

  /** A socket that reads into a buffer of its maker's (`onread`) has no "data": its maker calls `read` instead. */
  attach(handler: WireHandler): void {
    const first = this.handler === undefined
    this.handler = handler
    if (!first) return
    this.socket.on("data", (chunk: Uint8Array) => this.read(chunk, chunk.length))
    // One that came out of a tunnel waits for its listener.
    if (this.socket.isPaused()) this.socket.resume()
  }

  /** The first `size` bytes of `chunk` have come; they are only lent. */
  read(chunk: Uint8Array, size: number): void {
    this.handler?.onChunk(chunk, 0, size)
  }

  /** What is said of an error of the socket's, where there is more to say than the system does. */
  protected explain(error: Error): Error {
    return error
  }

  write(segments: readonly Uint8Array[], done: () => void): void {
    const socket = this.socket
    if (segments.length === 1) {
      socket.write(segments[0]!, done)
      return
    }
    const last = segments.length - 1
    socket.cork()
    for (let i = 0; i < last; i++) socket.write(segments[i]!)
    socket.write(segments[last]!, done)
    socket.uncork()
  }

  /**
   * The handle knows how much of a write the kernel has taken; Node's own timeouts of sockets ask it too. That of TLS
   * counts what is encrypted in large pieces, and the one below it what the kernel has taken of a piece.
   */
  get unsent(): number {
    const handle = (this.socket as unknown as { _handle?: SocketHandle | null })._handle
    return (handle?.writeQueueSize ?? this.socket.writableLength) + (handle?._parent?.writeQueueSize ?? 0)
  }

  holdProcess(held: boolean): void {
    if (held) this.socket.ref()
    else this.socket.unref()
  }

  pauseReading(): void {
    this.socket.pause()
  }

  resumeReading(): void {
    this.socket.resume()
  }

  end(): void {
    this.socket.end()
  }

  destroy(): void {
    this.socket.destroy()
  }
}

/** Node tells none of a socket's options: these are the ones that were set. */
const tcpOptions: Readonly<Record<string, string>> = { TCP_NODELAY: "1" }

/** What Node keeps to itself of a socket. */
interface SocketHandle {
  readonly writeQueueSize?: number
  /** What TLS goes over. */
  readonly _parent?: { readonly writeQueueSize?: number }
}

/** An address of IP as gRPC spells it; a socket that is gone already has none. */
export function formatAddress(host: string | undefined, port: number | undefined): string {
  if (host === undefined) return "unknown"
  return host.includes(":") ? `ipv6:[${host}]:${port}` : `ipv4:${host}:${port}`
}

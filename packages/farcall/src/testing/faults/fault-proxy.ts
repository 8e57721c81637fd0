import { once } from "node:events"
import { connect, createServer, type Server, type Socket } from "node:net"
import { createSecureContext, type SecureContext, connect as startTls, TLSSocket } from "node:tls"
import { type Clock, systemClock } from "../../core/clock.js"
import { checkOptions, type KnownOptions } from "../../core/known-options.js"
import type { ServiceDefinition } from "../../core/service.js"
import { joinHostPort, splitHostPort } from "../../transport/address.js"
import { SocketWire } from "../../transport/socket.js"
import type { FaultRule } from "./fault-rule.js"
import { FaultBoard, type Faults } from "./faults.js"
import { FaultyLink, type LinkEnd } from "./faulty-link.js"

/** What a proxy of faults stands before, and what it does. */
export interface FaultProxyOptions {
  /** Where the server listens: `host:port`, or `unix:path`. */
  readonly target: string
  /** Where the proxy itself is to listen. Default `127.0.0.1:0`, a free port; or `unix:path`. */
  readonly listen?: string | undefined
  readonly rules?: readonly FaultRule[] | undefined
  /**
   * Left out: what passes is HTTP/2 in the clear, and rules may be about calls. `"passed"`: TLS, which the proxy does not
   * see through, so that rules are about connections and bytes alone. A certificate and its key: the proxy ends TLS on
   * both sides, shows clients this certificate, takes the same from the server, and sees all.
   */
  readonly tls?: "passed" | FaultProxyIdentity | undefined
  /** The services that are served there: rules that name none of their methods are refused. Default: any name is taken. */
  readonly services?: readonly ServiceDefinition[] | undefined
  /** What the rules take their time from. Default: real time. */
  readonly clock?: Clock | undefined
}

const faultProxyOptions: KnownOptions<FaultProxyOptions> = {
  target: "string",
  listen: "string",
  rules: "array",
  tls: ["string", "object"],
  services: "array",
  clock: "object",
}

/** A certificate and its key, as PEM. */
export interface FaultProxyIdentity {
  readonly cert: string
  readonly key: string
}

/** What stands between clients and a server of any kind, on real sockets. */
export interface FaultProxy extends AsyncDisposable {
  /** Where clients find it, as a target: `127.0.0.1:40000`, `unix:/run/x.sock`. */
  readonly address: string
  readonly faults: Faults
  /** How many sockets are open, on either side. */
  readonly openSockets: number
  /** Ends all connections. */
  close(): Promise<void>
}

/**
 * Starts a proxy that passes on what comes, but for what its rules say: `createChannel(proxy.address)` has faults on real
 * sockets, whatever the server is written in.
 * @throws TypeError for an address that cannot be read or a rule that can match nothing; Error when it cannot listen
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  checkOptions("startFaultProxy", options, faultProxyOptions)
  const methods = options.services?.flatMap((service) => Object.values(service.methods))
  const scope = { methods, seesCalls: options.tls !== "passed" }
  const faults = new FaultBoard(() => scope)
  for (const rule of options.rules ?? []) faults.add(rule)
  return SocketProxy.start(options, faults)
}

export class SocketProxy implements FaultProxy {
  readonly faults: FaultBoard
  private readonly target: Place
  private readonly clock: Clock
  private readonly tls: FaultProxyOptions["tls"]
  private readonly context: SecureContext | undefined
  private readonly server: Server
  private readonly links = new Set<FaultyLink>()
  private readonly sockets = new Set<Socket>()

  static async start(options: FaultProxyOptions, faults: FaultBoard): Promise<SocketProxy> {
    const proxy = new SocketProxy(options, faults)
    proxy.server.listen(placeOf(options.listen ?? "127.0.0.1:0"))
    await once(proxy.server, "listening")
    return proxy
  }

  private constructor(options: FaultProxyOptions, faults: FaultBoard) {
    this.faults = faults
    this.target = placeOf(options.target)
    this.clock = options.clock ?? systemClock
    this.tls = options.tls
    this.context = typeof options.tls === "object" ? createSecureContext({ ...options.tls }) : undefined
    // A direction that has ended leaves the other one open, as the kernel has it.
    this.server = createServer({ allowHalfOpen: true }, (near) => void this.accept(near))
  }

  get address(): string {
    const address = this.server.address()
    if (address === null || typeof address === "string") return `unix:${address}`
    return joinHostPort(address.address, address.port)
  }

  get openSockets(): number {
    return this.sockets.size
  }

  /** Ends all connections, and takes further ones. */
  sever(): void {
    for (const link of this.links) link.close()
  }

  async close(): Promise<void> {
    const closed = [...this.sockets].map((socket) => (socket.closed ? undefined : once(socket, "close")))
    this.sever()
    for (const socket of this.sockets) socket.destroy()
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve))
    await Promise.all(closed)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async accept(near: Socket): Promise<void> {
    this.keep(near)
    if (this.faults.refuses()) {
      // The kernel has accepted already: this is as near to a refusal as a program gets.
      reset(near)
      return
    }
    const far = connect({ ...this.target, allowHalfOpen: true })
    this.keep(far)
    near.once("close", () => far.connecting && far.destroy())
    try {
      const [client, server] = await Promise.all([this.nearEnd(near), this.farEnd(far)])
      const link = new FaultyLink(this.clock, client, server, this.faults, {
        frames: this.tls !== "passed",
        onClosed: (gone) => this.links.delete(gone),
      })
      this.links.add(link)
    } catch {
      near.destroy()
      far.destroy()
    }
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket)
    socket.on("error", () => {}).on("close", () => this.sockets.delete(socket))
  }

  private async nearEnd(near: Socket): Promise<LinkEnd> {
    if (this.context === undefined) return linkEnd(near, near)
    const secured = new TLSSocket(near, { isServer: true, secureContext: this.context, ALPNProtocols: ["h2"] })
    secured.on("error", () => {})
    await once(secured, "secure")
    return linkEnd(secured, near)
  }

  private async farEnd(far: Socket): Promise<LinkEnd> {
    await once(far, "connect")
    if (typeof this.tls !== "object") return linkEnd(far, far)
    const secured = startTls({ socket: far, ca: this.tls.cert, servername: "localhost", ALPNProtocols: ["h2"] })
    secured.on("error", () => {})
    await once(secured, "secureConnect")
    return linkEnd(secured, far)
  }
}

/** @param below what TLS goes over, or the same */
function linkEnd(socket: Socket, below: Socket): LinkEnd {
  return { wire: new SocketWire(socket), reset: () => reset(below) }
}

/** RST, but on unix sockets, which know none. */
function reset(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy()
  else socket.resetAndDestroy()
}

type Place = { readonly path: string } | { readonly host: string; readonly port: number }

/** @throws TypeError for an address that cannot be read */
function placeOf(address: string): Place {
  if (address.startsWith("unix:")) return { path: address.slice("unix:".length).replace(/^\/\/(?=\/)/, "") }
  const parts = splitHostPort(address)
  if (parts?.port === undefined) {
    throw new TypeError(`startFaultProxy: ${JSON.stringify(address)} is neither host:port nor unix:path`)
  }
  return { host: parts.host, port: parts.port }
}

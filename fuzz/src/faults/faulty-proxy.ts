import { once } from "node:events"
import { connect, createServer, type Server, type Socket } from "node:net"
import { createSecureContext, type SecureContext, connect as startTls, TLSSocket } from "node:tls"
import type { Clock } from "farcall"
import type { PlannedFault } from "../../../packages/farcall/dist/testing/faults/fault.js"
import { FaultyLink, type LinkEnd } from "../../../packages/farcall/dist/testing/faults/faulty-link.js"
import { SocketWire } from "../../../packages/farcall/dist/transport/socket.js"

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** A proxy on loopback, in plaintext or ending TLS on both sides, whose connections have a fault strike on them. */
export class FaultyProxy {
  readonly #server: Server
  readonly #port: number
  readonly #clock: Clock
  readonly #plan: PlannedFault | undefined
  readonly #identity: Identity | undefined
  readonly #context: SecureContext | undefined
  readonly #links = new Set<FaultyLink>()
  readonly #sockets = new Set<Socket>()

  /**
   * @param port where the server listens, on 127.0.0.1
   * @param identity the server's and the proxy's own, where there is TLS
   */
  static async start(port: number, clock: Clock, plan?: PlannedFault, identity?: Identity): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(port, clock, plan, identity)
    proxy.#server.listen(0, "127.0.0.1")
    await once(proxy.#server, "listening")
    return proxy
  }

  private constructor(port: number, clock: Clock, plan?: PlannedFault, identity?: Identity) {
    this.#port = port
    this.#clock = clock
    this.#plan = plan
    this.#identity = identity
    this.#context = identity && createSecureContext({ ...identity })
    // A direction that has ended leaves the other one open, as the kernel has it.
    this.#server = createServer({ allowHalfOpen: true }, (near) => void this.#join(near))
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  /** Connections that are open, on either side. */
  get openSockets(): number {
    return this.#sockets.size
  }

  async stop(): Promise<void> {
    for (const link of this.#links) link.close()
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
    while (this.#sockets.size > 0) await new Promise((resolve) => setImmediate(resolve))
  }

  async #join(near: Socket): Promise<void> {
    const far = connect({ port: this.#port, host: "127.0.0.1", allowHalfOpen: true })
    this.#keep(near)
    this.#keep(far)
    near.once("close", () => far.connecting && far.destroy())
    try {
      const ends = await Promise.all([this.#accept(near), this.#reach(far)])
      const link = new FaultyLink(this.#clock, ...ends, this.#plan, () => this.#links.delete(link))
      this.#links.add(link)
    } catch {
      near.destroy()
      far.destroy()
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket))
  }

  async #accept(near: Socket): Promise<LinkEnd> {
    if (this.#context === undefined) return linkEnd(near, near)
    const secured = new TLSSocket(near, {
      isServer: true,
      secureContext: this.#context,
      ALPNProtocols: ["h2"],
    })
    await once(secured, "secure")
    return linkEnd(secured, near)
  }

  async #reach(far: Socket): Promise<LinkEnd> {
    await once(far, "connect")
    if (this.#identity === undefined) return linkEnd(far, far)
    const secured = startTls({ socket: far, ca: this.#identity.cert, servername: "localhost", ALPNProtocols: ["h2"] })
    await once(secured, "secureConnect")
    return linkEnd(secured, far)
  }
}

/** @param below what TLS goes over, or the same */
function linkEnd(socket: Socket, below: Socket): LinkEnd {
  return { wire: new SocketWire(socket), reset: () => void below.resetAndDestroy() }
}

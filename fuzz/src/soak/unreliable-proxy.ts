import { connect, createServer, type Server, type Socket } from "node:net"
import type { Random } from "../random.js"

/** A TCP proxy on loopback, some of whose connections are reset midway, or held up for a while. */
export class UnreliableProxy {
  accepted = 0
  broken = 0
  held = 0
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()

  /** @param target the port that new connections go to, at the time */
  static async start(target: () => number): Promise<UnreliableProxy> {
    const proxy = new UnreliableProxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve))
    return proxy
  }

  private constructor(target: () => number) {
    this.#server = createServer((near) => {
      this.accepted++
      const far = connect(target(), "127.0.0.1")
      const pair = [near, far] as const
      this.#pairs.add(pair)
      near.on("error", () => {}).pipe(far)
      far.on("error", () => {}).pipe(near)
      near.on("close", () => {
        far.destroy()
        this.#pairs.delete(pair)
      })
      far.on("close", () => near.destroy())
    })
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  breakOne(random: Random): void {
    const pair = this.#one(random)
    if (pair === undefined) return
    this.broken++
    for (const socket of pair) socket.resetAndDestroy()
  }

  holdOne(random: Random): void {
    const pair = this.#one(random)
    if (pair === undefined) return
    this.held++
    for (const socket of pair) socket.pause()
    setTimeout(() => {
      for (const socket of pair) socket.resume()
    }, 100)
  }

  async stop(): Promise<void> {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #one(random: Random): readonly [Socket, Socket] | undefined {
    return this.#pairs.size === 0 ? undefined : random.pick([...this.#pairs])
  }
}

import { createServer, type Server } from "farcall"
import { Parrot, type Text } from "../../../packages/farcall/dist/test-support/parrot.js"

/** A server on one port whose successors come one after another: each has drained before the next one listens. */
export class RestartingServer {
  /** Calls that were handled since the last restart. */
  served = 0
  private server: Server | undefined
  private port = 0

  static async start(): Promise<RestartingServer> {
    const made = new RestartingServer()
    await made.listen()
    return made
  }

  /** `127.0.0.1:PORT`. */
  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** As a deployment does it: the old one ends in its own time, then the new one starts. */
  async restart(): Promise<void> {
    await this.stop()
    this.served = 0
    await this.listen()
  }

  async stop(): Promise<void> {
    await this.server?.shutdown({ graceMs: 10_000 })
  }

  private async listen(): Promise<void> {
    const server = createServer()
    server.add(Parrot, {
      say: async (request) => {
        await this.work()
        return request
      },
      gather: async (requests) => {
        const texts: string[] = []
        for await (const { text } of requests) texts.push(text)
        await this.work()
        return { text: texts.join(" ") }
      },
      repeat: (request) => this.repeat(request),
      chat: (requests) => this.chat(requests),
    })
    this.port = (await server.listen(`127.0.0.1:${this.port}`)).port!
    this.server = server
  }

  private async *repeat(request: Text): AsyncGenerator<Text> {
    for (let i = 0; i < 3; i++) {
      yield request
      await this.work()
    }
  }

  private async *chat(requests: AsyncIterable<Text>): AsyncGenerator<Text> {
    for await (const request of requests) {
      await this.work()
      yield request
    }
  }

  /** Some milliseconds, so that there are always calls amid their work. */
  private async work(): Promise<void> {
    this.served++
    await new Promise((resolve) => setTimeout(resolve, this.served % 8))
  }
}

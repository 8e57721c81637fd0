import assert from "node:assert/strict"
import { connect, createServer as createNetServer, type Socket } from "node:net"
import { describe, it } from "node:test"
import type { ServerContext } from "../server/context.js"
import { createServer } from "../server/server.js"
import { failureOf, textsOf, until, withoutUnhandledRejections } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { createChannel } from "./channel.js"
import { createClient } from "./client.js"

/** What stands between a client and a server, and can cut the wire. */
class Middlebox {
  readonly pairs: [client: Socket, server: Socket][] = []
  port = 0
  private readonly listener = createNetServer()

  async start(to: number): Promise<void> {
    this.listener.on("connection", (client) => {
      const server = connect(to, "127.0.0.1")
      for (const socket of [client, server]) socket.on("error", () => {})
      client.pipe(server)
      server.pipe(client)
      this.pairs.push([client, server])
    })
    await new Promise<void>((resolve) => this.listener.listen(0, "127.0.0.1", resolve))
    this.port = (this.listener.address() as { port: number }).port
  }

  async stop(): Promise<void> {
    for (const socket of this.pairs.flat()) socket.destroy()
    await new Promise((resolve) => this.listener.close(resolve))
  }
}

describe("a connection that is lost", () => {
  const cuts: readonly [how: string, cut: (client: Socket, server: Socket) => void, message: RegExp][] = [
    [
      "is reset",
      (client, server) => {
        client.resetAndDestroy()
        server.resetAndDestroy()
      },
      /ECONNRESET.*, at ipv4:127\.0\.0\.1:\d+$/,
    ],
    [
      "is closed",
      (client, server) => {
        client.end()
        server.end()
      },
      /the peer closed the connection.*, at ipv4:127\.0\.0\.1:\d+$/,
    ],
  ]
  for (const [how, cut, message] of cuts) {
    it(`because it ${how}: UNAVAILABLE with who and where, handlers cancelled, and the next call succeeds`, async () => {
      await withoutUnhandledRejections(async () => {
        const contexts: ServerContext[] = []
        await using server = createServer().add(Parrot, {
          say: (request, context): Text | Promise<Text> => {
            if (request.text !== "hang") return request
            contexts.push(context)
            return new Promise(() => {})
          },
          async *chat(requests, context) {
            contexts.push(context)
            yield { text: "ready" }
            for await (const _ of requests);
          },
        })
        const box = new Middlebox()
        await box.start((await server.listen("127.0.0.1:0")).port!)
        await using channel = createChannel(`127.0.0.1:${box.port}`)
        const client = createClient(Parrot, channel)
        const unary = failureOf(client.say({ text: "hang" }))
        const chat = client.chat()
        const texts: string[] = []
        const streaming = failureOf(
          (async () => {
            for await (const { text } of chat) texts.push(text)
          })(),
        )
        await until(() => contexts.length === 2 && texts.length === 1)
        cut(...box.pairs[0]!)
        for (const error of [await unary, await streaming]) {
          assert.equal(error.code, "UNAVAILABLE")
          assert.match(error.message, message)
        }
        assert.deepEqual(texts, ["ready"])
        assert.equal(await chat.write({ text: "late" }), false)
        await until(() => contexts.every((context) => context.cancelled))
        for (const { signal } of contexts) assert.equal((signal.reason as { code: string }).code, "CANCELLED")
        assert.deepEqual(await client.say({ text: "again" }), { text: "again" })
        assert.deepEqual(await textsOf(client.chat([])), ["ready"])
        assert.equal(box.pairs.length, 2)
        await channel.close()
        await box.stop()
      })
    })
  }
})

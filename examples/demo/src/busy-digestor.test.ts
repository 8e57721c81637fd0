import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Digestor } from "@farcall/example-digestor/gen/digestor_grpc.js"
import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { echo } from "@farcall/example-echo/servicer.js"
import { createChannel, createClient, createServer } from "farcall"

const MiB = 1024 * 1024

describe("Digestor on five threads, busy with 64 MiB each", () => {
  it("lets 1,000 calls of a service beside it on the same port be answered before its first", async () => {
    const server = createServer({ maxReceiveMessageLength: 65 * MiB })
    const digestorModule = new URL(import.meta.resolve("@farcall/example-digestor/worker.js"))
    server.add(Digestor, digestorModule, { workers: 5 })
    server.add(Echo, echo)
    const address = await server.listen("127.0.0.1:0")
    const channel = createChannel(`${address}`)
    const otherChannel = createChannel(`${address}`)
    try {
      const digestor = createClient(Digestor, channel)
      const echoes = createClient(Echo, otherChannel)
      const order: string[] = []
      const digested = [0, 1, 2, 3, 4].map(async (i) => {
        const { Digested } = await digestor.getDigestor({ ToDigest: String(i).repeat(64 * MiB) })
        order.push("digest")
        return Digested
      })
      const answered = Array.from({ length: 100 }, async (_, caller) => {
        for (let i = 0; i < 10; i++) {
          const { message } = await echoes.reply({ message: `${caller}` })
          assert.equal(message, `You said: ${caller}`)
          order.push("echo")
        }
      })
      await Promise.all(answered)
      assert.equal(new Set(await Promise.all(digested)).size, 5)
      assert.equal(order.length, 1_005)
      assert.equal(order.indexOf("digest"), 1_000)
    } finally {
      await Promise.all([channel.close(), otherChannel.close()])
      await server.shutdown({ graceMs: 0 })
    }
  })
})

import assert from "node:assert/strict"
import { connect, createServer as createNetServer } from "node:net"
import { describe, it } from "node:test"
import { createChannel, createClient, createServer, StatusError } from "farcall"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import { clients, servers } from "../frames/conversations.js"

// An "error" that nobody listens for ends the process, and with it this test: that is what is looked for here.

describe("sockets that break at any byte", () => {
  it("of clients leave the server serving", async () => {
    await using server = createServer().add(Parrot, { say: (request) => request })
    const { port } = await server.listen("127.0.0.1:0")
    for (const { bytes } of clients) {
      for (let cut = 0; cut <= bytes.length; cut += 7) {
        await new Promise<void>((resolve) => {
          const socket = connect(port!, "127.0.0.1", () => {
            socket.write(bytes.subarray(0, cut))
            // Some are reset while answers are on their way, some at once.
            if (cut % 2 === 0) setImmediate(() => socket.resetAndDestroy())
            else socket.resetAndDestroy()
          })
          socket.on("error", () => {}).on("close", () => resolve())
        })
      }
    }
    await using channel = createChannel(`127.0.0.1:${port}`)
    assert.deepEqual(await createClient(Parrot, channel).say({ text: "a" }), { text: "a" })
  })

  it("of servers end calls, and nothing else", async () => {
    for (const { bytes } of servers) {
      for (let cut = 0; cut <= bytes.length; cut += 23) {
        const server = createNetServer((socket) => {
          socket.on("error", () => {}).resume()
          socket.write(bytes.subarray(0, cut), () => socket.resetAndDestroy())
        })
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
        const { port } = server.address() as { port: number }
        const channel = createChannel(`127.0.0.1:${port}`)
        const call = createClient(Parrot, channel).say({ text: "a" }, { timeoutMs: 5000 })
        await call.catch((error: unknown) => assert.ok(error instanceof StatusError, String(error)))
        await channel.close()
        await new Promise((resolve) => server.close(resolve))
      }
    }
  })
})

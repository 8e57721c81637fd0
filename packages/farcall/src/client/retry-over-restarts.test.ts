import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createServer, type Server } from "../server/server.js"
import { textsOf, withoutUnhandledRejections } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { createChannel } from "./channel.js"
import { createClient } from "./client.js"
import type { ServiceConfigJson } from "./service-config.js"

const serviceConfig: ServiceConfigJson = {
  methodConfig: [
    {
      name: [{ service: "test.Parrot" }],
      waitForReady: true,
      retryPolicy: {
        maxAttempts: 5,
        initialBackoff: "0.02s",
        maxBackoff: "0.5s",
        backoffMultiplier: 4,
        // A server that is told to end at once cancels what its handlers are at.
        retryableStatusCodes: ["UNAVAILABLE", "CANCELLED"],
      },
    },
  ],
}

/** A server on sockets that can be taken down under its calls. */
class Restarted {
  attempts = 0
  port = 0
  private server: Server | undefined = undefined

  async start(): Promise<void> {
    this.server = createServer({ onHandlerError: () => {} }).add(Parrot, {
      say: async (request) => {
        this.attempts++
        await new Promise((resolve) => setTimeout(resolve, 1 + (this.attempts % 7)))
        return request
      },
      gather: async (requests) => {
        this.attempts++
        return { text: (await textsOf(requests)).join("") }
      },
    })
    this.port = (await this.server.listen(`127.0.0.1:${this.port}`)).port!
  }

  async stop(): Promise<void> {
    await this.server!.shutdown({ graceMs: 0 })
  }
}

describe("a server that goes down under its calls", () => {
  it("loses none of those that are tried again", async () => {
    await withoutUnhandledRejections(async () => {
      const server = new Restarted()
      await server.start()
      await using channel = createChannel(`127.0.0.1:${server.port}`, {
        serviceConfig,
        backoff: { initialMs: 10, maxMs: 10 },
      })
      const client = createClient(Parrot, channel)
      let running = true
      let done = 0
      const callers = Array.from({ length: 20 }, async (_, caller) => {
        while (running) {
          const text = `${caller}-${done}`
          if (caller % 4 === 0) {
            assert.deepEqual(await client.gather([{ text }, { text }]), { text: text + text })
          } else assert.deepEqual(await client.say({ text }), { text })
          done++
        }
      })
      for (let restart = 0; restart < 5; restart++) {
        await new Promise((resolve) => setTimeout(resolve, 40))
        await server.stop()
        await server.start()
      }
      running = false
      await Promise.all(callers)
      assert.ok(server.attempts > done, `${server.attempts} attempts at ${done} calls: none was tried again`)
      assert.equal(channel.retries.memory.used, 0)
      await channel.close()
      await server.stop()
    })
  })
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { failureOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { addHealth, type ServerHealth } from "./index.js"

describe("our client's health checks, at our health service", () => {
  it("keep calls from a server that is unwell, and let them go there again", async () => {
    const clock = virtualClock()
    let health!: ServerHealth
    await using pair = await createTestPair(
      Parrot,
      { say: (request) => request },
      {
        clock,
        configure: (server) => {
          health = addHealth(server)
        },
        channel: {
          serviceConfig: {
            loadBalancingConfig: [{ round_robin: {} }],
            healthCheckConfig: { serviceName: "test.Parrot" },
          },
        },
      },
    )
    const { client, channel } = pair
    assert.deepEqual(await client.say({ text: "a" }), { text: "a" })
    health.set("test.Parrot", "NOT_SERVING")
    await clock.settle()
    assert.equal(channel.state, "TRANSIENT_FAILURE")
    const error = await failureOf(client.say({ text: "b" }))
    assert.equal(error.code, "UNAVAILABLE")
    assert.match(error.message, /test\.Parrot is NOT_SERVING there/)
    health.clear("test.Parrot")
    await clock.settle()
    assert.deepEqual(await client.say({ text: "c" }), { text: "c" })
    assert.equal(health.status("test.Parrot"), "SERVING")
    await pair.server.shutdown({ graceMs: 60_000 })
  })
})

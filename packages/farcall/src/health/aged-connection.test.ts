import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { behind } from "../server/server.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { addHealth } from "./index.js"

describe("a connection whose health is watched", () => {
  it("is closed when it has come of age, and the watch goes on at the next one", async () => {
    const clock = virtualClock()
    await using pair = await createTestPair(
      Parrot,
      { say: (request) => request },
      {
        clock,
        configure: addHealth,
        server: { connections: { maxAgeMs: 60_000 } },
        channel: {
          serviceConfig: { loadBalancingConfig: [{ round_robin: {} }], healthCheckConfig: { serviceName: "" } },
        },
      },
    )
    await pair.client.say({ text: "a" })
    const connections = () => [...behind(pair.server).connections].length
    assert.equal(connections(), 1)
    for (let hour = 0; hour < 5; hour++) {
      await clock.advance(70_000)
      assert.deepEqual(await pair.client.say({ text: "b" }), { text: "b" })
      assert.equal(connections(), 1)
    }
  })
})

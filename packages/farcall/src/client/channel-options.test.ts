import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { channelScene } from "../test-support/channel-scene.js"
import { insecure } from "../transport/credentials.js"

const A = "ipv4:127.0.0.1:1"

describe("options of a channel", () => {
  it("the authority is theirs before it is the target's", () => {
    assert.equal(channelScene("dns:///localhost:5").channel.authority, "localhost:5")
    assert.equal(channelScene("unix:/run/x").channel.authority, "localhost")
    assert.equal(channelScene("unix:/run/x", { authority: "example.com" }).channel.authority, "example.com")
  })

  it("plaintext that leaves the machine must be said, and options make sense", () => {
    assert.throws(() => channelScene("example.com:5"), {
      name: "TypeError",
      message: /"example.com:5" goes beyond this machine/,
    })
    channelScene("example.com:5", { credentials: insecure() })
    assert.throws(() => channelScene(A, { balancing: "random" as "pick_first" }), {
      name: "TypeError",
      message: 'createChannel: balancing is "random", and must be pick_first or round_robin',
    })
    assert.throws(() => channelScene(A, { maxQueuedCalls: 0 }), { name: "RangeError", message: /maxQueuedCalls is 0/ })
    assert.throws(() => channelScene(A, { idleTimeoutMs: Number.NaN }), RangeError)
    assert.throws(() => channelScene(A, { connectTimeoutMs: "1" as unknown as number }), TypeError)
    assert.throws(() => channelScene(A, { backoff: { multiplier: 0 } }), /backoff.multiplier is 0/)
  })
})

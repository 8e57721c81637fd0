import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { channelScene, resolverScene } from "../test-support/channel-scene.js"
import { refuse } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"

const A = "ipv4:127.0.0.1:1"
const B = "ipv4:127.0.0.1:2"
const both = "ipv4:127.0.0.1:1,127.0.0.1:2"

describe("round_robin", () => {
  it("connects to every address, and gives each the calls in turn", async () => {
    const { net, start, channel } = channelScene(both, { balancing: "round_robin" })
    const first = start()
    assert.deepEqual(net.peers, [A, B])
    const a = net.attempts[0]!.succeed()
    await settled()
    assert.equal(first.state, A)
    assert.equal(start().state, A)
    const b = net.attempts[1]!.succeed(1)
    await settled()
    assert.deepEqual([start().state, start().state].sort(), [A, B])
    assert.deepEqual([start().state, start().state], [A, A], "one that is full is passed over")
    a.capacity = 0
    const waiting = start()
    assert.equal(channel.describeWait(), `waiting for room on ${both}: ${A}, ${B} allow no more streams at once`)
    b.free(1)
    assert.equal(waiting.state, B)
  })

  it("makes a lost connection again at once, and meanwhile uses the others", async () => {
    const { net, start, channel, clock } = channelScene(both, { balancing: "round_robin" })
    start()
    const a = net.attempts[0]!.succeed()
    net.attempts[1]!.succeed()
    await settled()
    a.lose()
    assert.equal(channel.state, "READY")
    assert.deepEqual(net.peers, [A, B, A])
    assert.deepEqual([start().state, start().state], [B, B])
    net.last.refuse()
    await clock.advance(1_000)
    assert.equal(net.attempts.length, 4)
    net.last.succeed()
    await settled()
    assert.deepEqual([start().state, start().state].sort(), [A, B])
  })

  it("begins the backoff anew after a connection", async () => {
    const { net, start, channel, clock } = channelScene(A, { balancing: "round_robin" })
    net.onAttempt = refuse
    start()
    await clock.advance(2_600)
    assert.equal(net.attempts.length, 3)
    net.onAttempt = undefined
    await clock.advance(2_560)
    const transport = net.last.succeed()
    await settled()
    transport.lose()
    assert.equal(channel.state, "CONNECTING", "it has not failed since")
    net.last.refuse()
    await clock.advance(999)
    assert.equal(net.attempts.length, 5)
    await clock.advance(1)
    assert.equal(net.attempts.length, 6)
  })

  it("fails calls when every address has failed", async () => {
    const { net, start, channel, clock } = channelScene(both, { balancing: "round_robin" })
    const call = start()
    net.attempts[0]!.refuse()
    await settled()
    assert.equal(channel.state, "CONNECTING")
    assert.equal(
      channel.describeWait(),
      `waiting for a connection to ${both}: connecting to ${B}, after connect ECONNREFUSED 127.0.0.1:1`,
    )
    net.attempts[1]!.refuse()
    await settled()
    assert.equal(channel.state, "TRANSIENT_FAILURE")
    assert.equal(
      call.error?.message,
      `no connection to ${both}: connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED 127.0.0.1:2 (next attempt in 1.00 s)`,
    )
    await clock.advance(1_000)
    assert.equal(net.attempts.length, 4)
    assert.equal(channel.state, "TRANSIENT_FAILURE", "until one connects")
    net.last.succeed()
    await settled()
    assert.equal(start().state, B)
  })

  it("counts the failure of an address no more once it is gone", async () => {
    const { net, channel, start, found } = resolverScene("round_robin")
    start()
    found(1)
    net.last.refuse()
    await settled()
    assert.equal(channel.state, "TRANSIENT_FAILURE")
    found(2)
    assert.equal(channel.state, "CONNECTING")
    assert.equal(channel.describeWait(), `waiting for a connection to test:x: connecting to ${B}`)
  })
})

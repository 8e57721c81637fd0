import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { channelScene } from "../test-support/channel-scene.js"
import { refuse } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"

const A = "ipv4:127.0.0.1:1"

describe("a channel without calls", () => {
  it("gives its connection up after 30 minutes, and connects again for the next call", async () => {
    const minute = 60_000
    const { net, channel, start, clock } = channelScene(A)
    start()
    const transport = net.last.succeed()
    await clock.advance(29 * minute)
    start()
    await clock.advance(29 * minute)
    assert.equal(channel.state, "READY", "the last call is 29 minutes ago")
    await clock.advance(9 * minute)
    assert.equal(channel.state, "IDLE")
    assert.equal(transport.draining, true)
    assert.equal(transport.closed, undefined, "calls that run go on")
    assert.equal(clock.pending, 0)
    const call = start()
    net.last.succeed()
    await settled()
    assert.equal(call.state, A)
    assert.equal(net.attempts.length, 2)
  })

  it("is kept from idleness by a call that waits, and by an infinite timeout", async () => {
    const { net, channel, start, clock } = channelScene(A, { idleTimeoutMs: 1_000 })
    net.onAttempt = refuse
    const waiting = start(true)
    await clock.advance(10_000)
    assert.equal(channel.state, "TRANSIENT_FAILURE")
    assert.equal(net.attempts.length, 5, "the backoff was not begun anew")
    channel.withdraw(waiting)
    await clock.advance(1_500)
    assert.equal(channel.state, "IDLE")
    const never = channelScene(A, { idleTimeoutMs: Number.POSITIVE_INFINITY })
    never.start()
    never.net.last.succeed()
    await never.clock.advance(1e9)
    assert.equal(never.channel.state, "READY")
  })
})

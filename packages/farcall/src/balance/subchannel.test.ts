import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createChannelWith } from "../client/balanced-channel.js"
import { parseTarget } from "../resolve/target.js"
import { channelScene, resolverScene } from "../test-support/channel-scene.js"
import { ScriptedCall } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"
import { virtualClock } from "../testing/virtual-clock.js"

const A = "ipv4:127.0.0.1:1"

describe("attempts to connect", () => {
  it("follow the backoff, counted from their start, and begun anew after a connection", async () => {
    const { net, start, clock } = channelScene(A)
    const starts: number[] = []
    net.onAttempt = (attempt) => {
      starts.push(clock.now())
      attempt.refuse()
    }
    start()
    await clock.advance(9_300)
    assert.deepEqual(starts, [0, 1_000, 2_600, 5_160, 9_256])
    net.onAttempt = (attempt) => {
      starts.push(clock.now())
      const transport = attempt.succeed()
      net.onAttempt = undefined
      setImmediate(() => transport.lose())
    }
    await clock.advance(8_000)
    assert.equal(starts.length, 6)
    starts.length = 0
    net.onAttempt = (attempt) => {
      starts.push(clock.now())
      attempt.refuse()
    }
    start()
    await settled()
    const from = clock.now()
    await clock.advance(1_000)
    assert.deepEqual(starts, [from, from + 1_000], "a call connects at once, and the first backoff is 1 s again")
  })

  it("41. do not begin the backoff anew by a connection without the server's SETTINGS", async () => {
    const { net, start, clock } = channelScene(A)
    const starts: number[] = []
    net.onAttempt = (attempt) => {
      starts.push(clock.now())
      attempt.fail(new Error("the server closed the connection before its SETTINGS"))
    }
    start()
    await clock.advance(5_000)
    assert.deepEqual(starts, [0, 1_000, 2_600])
  })

  it("have failed where the connection ends before it is used", async () => {
    for (const end of ["goAway", "lose"] as const) {
      const { net, start, channel } = channelScene(A)
      const call = start()
      const transport = net.last.succeed()
      transport[end]()
      await settled()
      assert.equal(call.state, "UNAVAILABLE", end)
      assert.match(call.error!.message, end === "lose" ? /read ECONNRESET/ : /GOAWAY/)
      assert.equal(channel.state, "TRANSIENT_FAILURE")
      assert.notEqual(transport.closed, undefined)
    }
  })

  it("that succeed late, after the channel has moved on, are closed", async () => {
    const { net, start, found } = resolverScene("pick_first")
    start()
    found(1)
    const late = net.last.succeed()
    found(2)
    await settled()
    assert.match(late.closed ?? "", /nobody waits/)
  })

  it("have failed where the connect function throws, or rejects with no error", async () => {
    const clock = virtualClock()
    for (const connect of [
      () => {
        throw new Error("broken")
      },
      () => Promise.reject("broken"),
    ]) {
      const channel = createChannelWith(A, { name: parseTarget(A), connect }, { clock })
      const call = new ScriptedCall()
      channel.start(call)
      await settled()
      assert.match(call.error?.message ?? "", /: ipv4:127.0.0.1:1: broken \(next attempt/)
      await channel.close()
    }
  })
})

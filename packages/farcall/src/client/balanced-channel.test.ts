import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { channelScene } from "../test-support/channel-scene.js"
import { refuse } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"

const A = "ipv4:127.0.0.1:1"

describe("a channel", () => {
  it("connects when its first call starts, and not before", async () => {
    const { net, channel, start, clock } = channelScene(A)
    await clock.advance(10_000)
    assert.equal(channel.state, "IDLE")
    assert.equal(net.attempts.length, 0)
    assert.equal(channel.describeWait(), `waiting for a connection to ${A}: nothing has asked for one yet`)
    const call = start()
    assert.equal(channel.state, "CONNECTING")
    assert.deepEqual(net.peers, [A])
    assert.equal(net.last.context.authority, "127.0.0.1:1")
    assert.equal(call.state, "waiting")
    net.last.succeed()
    await settled()
    assert.equal(channel.state, "READY")
    assert.equal(call.state, A)
    assert.equal(start().state, A, "a ready channel places a call before start returns")
    assert.equal(net.attempts.length, 1)
  })

  it("connects by connect(), without a call", async () => {
    const { net, channel } = channelScene(A)
    channel.connect()
    channel.connect()
    net.last.succeed()
    await settled()
    assert.equal(channel.state, "READY")
    channel.connect()
    assert.equal(net.attempts.length, 1)
  })

  it("a call started while an attempt runs waits for its end and fails with it", async () => {
    const { net, start, channel, clock } = channelScene(A)
    const first = start()
    await clock.advance(300)
    const second = start()
    assert.equal(channel.describeWait(), `waiting for a connection to ${A}: connecting to ${A}`)
    net.last.refuse()
    await settled()
    for (const { error } of [first, second]) {
      assert.equal(error?.code, "UNAVAILABLE")
      assert.equal(
        error.message,
        `no connection to ${A}: connect ECONNREFUSED 127.0.0.1:1 (next attempt in 0.70 s)`,
        "the backoff is counted from the start of the attempt",
      )
      assert.equal((error.cause as { code?: string }).code, "ECONNREFUSED")
    }
    assert.equal(channel.state, "TRANSIENT_FAILURE")
  })

  it("in TRANSIENT_FAILURE a call fails at once, unless it waits for ready", async () => {
    const { net, start, channel, clock } = channelScene(A)
    start()
    net.last.refuse()
    await clock.advance(250)
    const failed = start()
    assert.match(failed.error!.message, /connect ECONNREFUSED 127.0.0.1:1 \(next attempt in 0.75 s\)$/)
    const waiting = start(true)
    assert.equal(waiting.state, "waiting")
    assert.equal(
      channel.describeWait(),
      `waiting for a connection to ${A}: connect ECONNREFUSED 127.0.0.1:1 (next attempt in 0.75 s)`,
    )
    assert.equal(net.attempts.length, 1)
    await clock.advance(750)
    assert.equal(net.attempts.length, 2)
    assert.match(start().error!.message, /\(the next attempt is under way\)$/)
    net.last.refuse()
    await settled()
    assert.equal(waiting.state, "waiting", "it waits through failures")
    await clock.advance(1_600)
    net.last.succeed()
    await settled()
    assert.equal(waiting.state, A)
    assert.equal(start().state, A)
  })

  it("a server that was down and comes up is found after the backoff", async () => {
    const { net, start, clock } = channelScene(A)
    net.onAttempt = refuse
    const call = start()
    await settled()
    assert.equal(call.state, "UNAVAILABLE")
    net.onAttempt = (attempt) => void attempt.succeed()
    await clock.advance(1_000)
    assert.equal(start().state, A)
  })

  it("is IDLE when its connection is lost, and the next call connects at once", async () => {
    const { net, start, channel } = channelScene(A)
    start()
    const transport = net.last.succeed()
    await settled()
    transport.lose()
    assert.equal(channel.state, "IDLE")
    await settled()
    assert.equal(net.attempts.length, 1, "nobody needs a connection")
    const call = start()
    assert.equal(net.attempts.length, 2)
    assert.equal(
      channel.describeWait(),
      `waiting for a connection to ${A}: connecting to ${A}, after a connection that ended (${A}: read ECONNRESET)`,
    )
    net.last.succeed()
    await settled()
    assert.equal(call.state, A)
  })

  it("a connection whose server says GOAWAY gets no more calls, and is not cut off", async () => {
    const { net, start, channel } = channelScene(A)
    start()
    const transport = net.last.succeed()
    await settled()
    transport.goAway()
    assert.equal(channel.state, "IDLE")
    assert.equal(transport.closed, undefined)
    const call = start()
    const second = net.last.succeed()
    await settled()
    assert.equal(call.state, A)
    transport.lose()
    assert.equal(channel.state, "READY", "the old connection's end does not touch the new one")
    assert.equal(second.closed, undefined)
  })

  it("a call that waits when the connection is lost moves to the next one", async () => {
    const { net, start } = channelScene(A)
    const waiting = start()
    const transport = net.last.succeed(0)
    await settled()
    assert.equal(waiting.state, "waiting")
    transport.lose()
    assert.equal(net.attempts.length, 2, "it is a reason to connect")
    net.last.succeed()
    await settled()
    assert.equal(waiting.state, A)
  })
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { channelScene, resolverScene } from "../test-support/channel-scene.js"
import { refuse, ScriptedCall } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"

const A = "ipv4:127.0.0.1:1"
const B = "ipv4:127.0.0.1:2"
const both = "ipv4:127.0.0.1:1,127.0.0.1:2"

describe("close()", () => {
  it("ends what waits, what connects and what is open, and resolves when all is gone", async () => {
    const { net, channel, start, clock } = channelScene(both, { balancing: "round_robin" })
    start()
    const transport = net.attempts[0]!.succeed(1)
    await settled()
    const waiting = start(true)
    let done = false
    const closed = channel.close().then(() => (done = true))
    assert.equal(channel.state, "SHUTDOWN")
    assert.equal(waiting.error?.code, "CANCELLED")
    assert.equal(
      waiting.error.message,
      `the channel was closed while the call was waiting for room on ${both}: ${A} allow no more streams at once`,
    )
    assert.ok(net.attempts[1]!.aborted)
    assert.equal(transport.closed, `the channel to ${both} was closed`)
    await Promise.resolve()
    assert.equal(done, false, "the connection has not said that it is closed")
    await closed
    assert.equal(clock.pending, 0)
    const late = start(true)
    assert.equal(late.error?.code, "UNAVAILABLE")
    assert.equal(late.error.message, `the channel to ${both} is closed`)
    channel.connect()
    await channel.close()
    await channel[Symbol.asyncDispose]()
    assert.equal(channel.state, "SHUTDOWN")
    assert.equal(net.attempts.length, 2)
  })

  it("in every other state", async () => {
    const idle = channelScene(A)
    await idle.channel.close()
    assert.equal(idle.start().state, "UNAVAILABLE")
    const failing = channelScene(A)
    failing.net.onAttempt = refuse
    failing.start()
    await settled()
    await failing.channel.close()
    assert.equal(failing.clock.pending, 0)
    const resolving = resolverScene("pick_first")
    const call = resolving.start()
    await resolving.channel.close()
    assert.equal(call.state, "CANCELLED")
    assert.equal(resolving.closed(), 1)
    resolving.found(1)
    assert.equal(resolving.net.attempts.length, 0)
    const connecting = channelScene(A)
    connecting.start()
    const late = connecting.net.last.succeed()
    await connecting.channel.close()
    await settled()
    assert.match(late.closed ?? "", /nobody waits/)
  })

  it("waits for connections that were draining", async () => {
    const { net, channel, start } = channelScene(A)
    start()
    const transport = net.last.succeed()
    await settled()
    transport.goAway()
    const closed = channel.close()
    assert.notEqual(transport.closed, undefined)
    await closed
  })

  it("from within a call that it fails", async () => {
    const { channel } = channelScene(A)
    let again: Promise<void> | undefined
    channel.start(new ScriptedCall(false, () => (again = channel.close())))
    const closed = channel.close()
    assert.equal(again, closed)
    await closed
  })

  it("from within a call that fails while addresses are still tried", async () => {
    const { net, channel, clock } = channelScene(both)
    channel.start(new ScriptedCall(false, () => void channel.close()))
    net.last.refuse()
    await clock.advance(20_000)
    assert.equal(channel.state, "SHUTDOWN")
    assert.equal(clock.pending, 0)
    await clock.advance(60_000)
    assert.deepEqual(net.peers, [A, B, A])
    assert.ok(net.last.aborted)
  })
})

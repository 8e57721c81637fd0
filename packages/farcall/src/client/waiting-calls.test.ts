import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { channelScene } from "../test-support/channel-scene.js"
import { ScriptedCall } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"

const A = "ipv4:127.0.0.1:1"

describe("calls that wait in their channel", () => {
  it("47. are begun in order as there is room for further streams", async () => {
    const { net, start, channel } = channelScene(A)
    const calls = [start(), start(), start(), start(), start()]
    const transport = net.last.succeed(1)
    await settled()
    const states = (): string[] => calls.map(({ state }) => (state === A ? "begun" : state))
    assert.deepEqual(states(), ["begun", "waiting", "waiting", "waiting", "waiting"])
    assert.equal(channel.describeWait(), `waiting for room on ${A}: ${A} allows no more streams at once`)
    transport.capacity = 1
    calls.push(start())
    assert.equal(calls[5]!.state, "waiting", "a call does not overtake those that wait")
    channel.withdraw(calls[2]!)
    transport.free(1)
    assert.deepEqual(states(), ["begun", "begun", "waiting", "begun", "waiting", "waiting"])
    channel.withdraw(calls[2]!)
    transport.free(10)
    assert.deepEqual(states(), ["begun", "begun", "waiting", "begun", "begun", "begun"])
    assert.equal(start().state, A)
  })

  it("may start another as they begin or fail", async () => {
    const { net, channel } = channelScene(A)
    const order: string[] = []
    const nested = new ScriptedCall(false, () => order.push("nested"))
    const outer = new ScriptedCall(false, () => {
      order.push("outer")
      channel.start(nested)
      channel.withdraw(outer)
    })
    const last = new ScriptedCall(false, () => order.push("last"))
    channel.start(outer)
    channel.start(last)
    const transport = net.last.succeed(2)
    await settled()
    assert.deepEqual(order, ["outer", "last"])
    transport.free(1)
    assert.deepEqual(order, ["outer", "last", "nested"])
    const failing = new ScriptedCall(false, () => channel.start(after))
    const after = new ScriptedCall()
    transport.lose()
    channel.start(failing)
    net.last.refuse()
    await settled()
    assert.deepEqual([failing.state, after.state], ["UNAVAILABLE", "UNAVAILABLE"])
  })

  it("are begun by news of room that comes while one is placed", async () => {
    const { net, channel } = channelScene(A)
    const calls = [1, 2, 3].map(() => new ScriptedCall(false, () => transport.free(1)))
    for (const call of calls) channel.start(call)
    const transport = net.last.succeed(1)
    await settled()
    assert.deepEqual(
      calls.map(({ state }) => state),
      [A, A, A],
    )
  })

  it("are no more than maxQueuedCalls", async () => {
    const { net, start, channel } = channelScene(A, { maxQueuedCalls: 2 })
    const waiting = [start(), start()]
    const refused = start()
    assert.equal(refused.error?.code, "RESOURCE_EXHAUSTED")
    assert.equal(
      refused.error.message,
      `2 calls are waiting for a connection to ${A}: connecting to ${A}; the limit is 2 (maxQueuedCalls)`,
    )
    channel.withdraw(waiting[0]!)
    assert.equal(start().state, "waiting")
    net.last.succeed()
    await settled()
    assert.deepEqual([waiting[0]!.state, waiting[1]!.state], ["waiting", A])
  })

  it("leave the queue at the price of the first, any of 100,000", () => {
    const { start, channel } = channelScene(A)
    const calls = Array.from({ length: 100_000 }, () => start())
    assert.equal(start().error?.code, "RESOURCE_EXHAUSTED")
    for (let i = calls.length - 1; i >= 0; i -= 2) channel.withdraw(calls[i]!)
    for (const call of calls) channel.withdraw(call)
    assert.equal(start().state, "waiting")
  })
})

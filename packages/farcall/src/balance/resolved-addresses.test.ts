import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { resolverScene } from "../test-support/channel-scene.js"
import { refuse } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"

const A = "ipv4:127.0.0.1:1"
const B = "ipv4:127.0.0.1:2"

for (const balancing of ["pick_first", "round_robin"] as const) {
  describe(`addresses under ${balancing}`, () => {
    it("a name that cannot be resolved fails calls, until it can", async () => {
      const { net, channel, start, found, listener, asked } = resolverScene(balancing)
      const call = start()
      assert.equal(asked(), 1)
      assert.equal(channel.state, "CONNECTING")
      assert.equal(channel.describeWait(), "waiting for a connection to test:x: looking up x")
      const error = new Error("getaddrinfo ENOTFOUND x")
      listener().onError(error, 1_000)
      assert.equal(channel.state, "TRANSIENT_FAILURE")
      assert.equal(call.error?.code, "UNAVAILABLE")
      assert.equal(call.error.message, "no connection to test:x: getaddrinfo ENOTFOUND x (next attempt in 1.00 s)")
      assert.equal(call.error.cause, error)
      const waiting = start(true)
      found(1)
      assert.equal(channel.state, "CONNECTING")
      net.last.succeed()
      await settled()
      assert.equal(waiting.state, A)
      listener().onError(error, 1_000)
      assert.equal(start().state, A, "with a connection there is no need of addresses")
    })

    it("new addresses replace the old ones, and a connection that stays among them is kept", async () => {
      const { net, channel, start, found } = resolverScene(balancing)
      start()
      found(1)
      const a = net.last.succeed()
      await settled()
      found(2, 1)
      assert.equal(a.accepting, true)
      assert.equal(start().state, A)
      found(2)
      assert.equal(a.draining, true, "its calls run on")
      assert.equal(a.closed, undefined)
      const call = start()
      assert.equal(call.state, "waiting")
      assert.equal(net.last.peer, B)
      net.last.succeed()
      await settled()
      assert.equal(call.state, B)
      assert.equal(channel.state, "READY")
    })

    it("an attempt at an address that is gone is aborted", async () => {
      const { net, start, found } = resolverScene(balancing)
      const call = start()
      found(1)
      found(2)
      assert.ok(net.attempts[0]!.aborted)
      assert.deepEqual(net.peers, [A, B])
      net.last.succeed()
      await settled()
      assert.equal(call.state, B)
    })

    it("asks for addresses again when a connection is lost, and when all have failed", async () => {
      const { net, start, found, asked } = resolverScene(balancing)
      start()
      found(1)
      const a = net.last.succeed()
      await settled()
      assert.equal(asked(), 1)
      a.lose()
      assert.equal(asked(), 2)
      start()
      net.last.refuse()
      await settled()
      assert.equal(asked(), 3)
    })

    it("a resolver that answers each time at once changes nothing of the backoff", async () => {
      const { net, channel, start, clock } = resolverScene(balancing, [1, 2])
      net.onAttempt = refuse
      const call = start()
      await clock.advance(999)
      assert.equal(call.state, "UNAVAILABLE")
      assert.deepEqual(net.peers, [A, B])
      await clock.advance(1)
      assert.equal(net.attempts.length, 4)
      await channel.close()
    })
  })
}

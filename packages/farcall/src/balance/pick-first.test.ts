import assert from "node:assert/strict"
import { test } from "node:test"
import { channelScene, resolverScene } from "../test-support/channel-scene.js"
import { settled } from "../test-support/settled.js"

const A = "ipv4:127.0.0.1:1"
const B = "ipv4:127.0.0.1:2"
const C = "ipv4:127.0.0.1:3"
const two = "ipv4:127.0.0.1:1,127.0.0.1:2"
const three = "ipv4:127.0.0.1:1,127.0.0.1:2,127.0.0.1:3"

test("every address is tried, in order, and an error names each with its error", async () => {
  const { net, start, clock } = channelScene("ipv4:127.0.0.1:1,127.0.0.1:2,127.0.0.1:3,127.0.0.1:2")
  const call = start()
  net.last.fail(new Error("no SETTINGS came"))
  await settled()
  assert.deepEqual(net.peers, [A, B])
  net.last.refuse()
  await settled()
  assert.equal(net.attempts.length, 3, "an address given twice is tried once")
  await clock.advance(20_000)
  assert.ok(net.attempts[2]!.aborted, "an attempt gets 20 s")
  assert.deepEqual(net.peers.slice(3, 5), [A, B], "those tried first have had their backoff")
  assert.match(
    call.error!.message,
    /: ipv4:127.0.0.1:1: no SETTINGS came; connect ECONNREFUSED 127.0.0.1:2; connect ipv4:127.0.0.1:3: no connection within 20000 ms \(the next attempt is under way\)$/,
  )
  assert.equal((call.error!.cause as Error).message, "connect ipv4:127.0.0.1:3: no connection within 20000 ms")
})

test("it stays with the first address that connects", async () => {
  const { net, start, channel, clock } = channelScene(two)
  const call = start()
  net.last.refuse()
  await settled()
  assert.match(channel.describeWait(), /connecting to ipv4:127.0.0.1:2, after connect ECONNREFUSED 127.0.0.1:1$/)
  net.last.succeed()
  await settled()
  assert.equal(call.state, B)
  assert.deepEqual([start().state, start().state], [B, B])
  await clock.advance(60_000)
  assert.deepEqual(net.peers, [A, B], "the address that failed is given up")
})

test("addresses that come while all have failed are tried at once, and failure is sticky", async () => {
  const { net, channel, start, found } = resolverScene("pick_first")
  start()
  found(1)
  net.last.refuse()
  await settled()
  found(1, 2)
  assert.deepEqual(net.peers, [A, B], "the first is in its backoff")
  assert.equal(channel.state, "TRANSIENT_FAILURE")
  assert.equal(start().state, "UNAVAILABLE")
  net.last.succeed()
  await settled()
  assert.equal(start().state, B)
})

test("an address that does not answer is joined by the next one after 250 ms", async () => {
  const { net, channel, start, clock } = channelScene(three)
  const call = start()
  await clock.advance(249)
  assert.deepEqual(net.peers, [A])
  await clock.advance(1)
  assert.deepEqual(net.peers, [A, B])
  await clock.advance(250)
  assert.deepEqual(net.peers, [A, B, C])
  assert.match(channel.describeWait(), /connecting to ipv4:127.0.0.1:1, ipv4:127.0.0.1:2, ipv4:127.0.0.1:3$/)
  net.attempts[1]!.succeed()
  await settled()
  assert.equal(call.state, B)
  assert.deepEqual(
    net.attempts.map(({ aborted }) => aborted),
    [true, false, true],
    "the others are given up",
  )
  await clock.advance(60_000)
  assert.equal(net.attempts.length, 3)
})

test("an address that fails is followed at once, with 250 ms of its own", async () => {
  const { net, start, clock } = channelScene(three)
  start()
  await clock.advance(200)
  net.last.refuse()
  await settled()
  assert.deepEqual(net.peers, [A, B])
  await clock.advance(249)
  assert.deepEqual(net.peers, [A, B])
  await clock.advance(1)
  assert.deepEqual(net.peers, [A, B, C])
})

test("one that was overtaken and fails hastens nothing", async () => {
  const { net, start, clock } = channelScene(three)
  start()
  await clock.advance(300)
  net.attempts[0]!.refuse()
  await settled()
  await clock.advance(199)
  assert.deepEqual(net.peers, [A, B])
  await clock.advance(1)
  assert.deepEqual(net.peers, [A, B, C])
})

test("failure is told when the last of all attempts has failed, in whatever order", async () => {
  const { net, channel, start, clock } = channelScene(three)
  const call = start()
  await clock.advance(500)
  for (const i of [2, 0]) {
    net.attempts[i]!.refuse()
    await settled()
    assert.equal(channel.state, "CONNECTING")
    assert.equal(call.state, "waiting")
  }
  net.attempts[1]!.refuse()
  await settled()
  assert.equal(channel.state, "TRANSIENT_FAILURE")
  assert.match(call.error!.message, /ECONNREFUSED 127.0.0.1:3; .*:1; .*:2 \(next attempt in 0.50 s\)$/)
})

test("a channel that is closed tries nothing more", async () => {
  const { net, channel, start, clock } = channelScene(three)
  start()
  await channel.close()
  await clock.advance(1_000)
  assert.equal(net.attempts.length, 1)
})

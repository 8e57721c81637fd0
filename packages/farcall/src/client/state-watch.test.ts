import assert from "node:assert/strict"
import { test } from "node:test"
import { channelScene } from "../test-support/channel-scene.js"
import { failureOf } from "../test-support/outcome.js"
import { settled } from "../test-support/settled.js"

const A = "ipv4:127.0.0.1:1"

test("waitForReady connects, and resolves when the channel is ready", async () => {
  const { net, channel, clock } = channelScene(A)
  const ready = channel.waitForReady()
  assert.equal(channel.state, "CONNECTING")
  assert.equal(clock.holds, 1, "a process does not end while it waits")
  net.last.refuse()
  await clock.advance(1_000)
  net.last.succeed()
  await ready
  assert.equal(channel.state, "READY")
  assert.equal(clock.holds, 0)
  await channel.waitForReady()
})

test("waitForReady ends with its time, and says what it waited for", async () => {
  const { net, channel, clock } = channelScene(A)
  const failed = failureOf(channel.waitForReady({ timeoutMs: 500 }))
  net.last.refuse()
  await clock.advance(500)
  const error = await failed
  assert.equal(error.code, "DEADLINE_EXCEEDED")
  assert.equal(
    error.message,
    `not ready after 500 ms: waiting for a connection to ${A}: connect ECONNREFUSED 127.0.0.1:1 (next attempt in 0.50 s)`,
  )
  assert.deepEqual([clock.holds, clock.pending > 0], [0, true])
})

test("waitForReady ends with its signal, at once when that was aborted before", async () => {
  const { channel } = channelScene(A)
  const controller = new AbortController()
  const failed = failureOf(channel.waitForReady({ signal: controller.signal }))
  controller.abort(new Error("no more"))
  const error = await failed
  assert.equal(error.code, "CANCELLED")
  assert.equal((error.cause as Error).message, "no more")
  assert.equal((await failureOf(channel.waitForReady({ signal: controller.signal }))).code, "CANCELLED")
})

test("waitForReady ends when the channel is closed, or was", async () => {
  const { channel } = channelScene(A)
  const failed = failureOf(channel.waitForReady())
  await channel.close()
  assert.match((await failed).message, /is closed$/)
  assert.equal((await failureOf(channel.waitForReady())).code, "UNAVAILABLE")
})

test("watchState tells the state there is and each that follows, to the end", async () => {
  const { net, channel, clock } = channelScene(A)
  const seen: string[] = []
  const watching = (async () => {
    for await (const state of channel.watchState()) seen.push(state)
  })()
  await settled()
  channel.connect()
  await settled()
  net.last.refuse()
  await settled()
  await clock.advance(1_000)
  const transport = net.last.succeed()
  await settled()
  transport.lose()
  await settled()
  await channel.close()
  await watching
  assert.deepEqual(seen, ["IDLE", "CONNECTING", "TRANSIENT_FAILURE", "READY", "IDLE", "SHUTDOWN"])
})

test("who is slow is told of the state there is, not of those that have passed", async () => {
  const { net, channel } = channelScene(A)
  const states = channel.watchState()
  assert.equal((await states.next()).value, "IDLE")
  channel.connect()
  net.last.succeed()
  await settled()
  assert.equal((await states.next()).value, "READY")
  await channel.close()
  assert.equal((await states.next()).value, "SHUTDOWN")
  assert.equal((await states.next()).done, true)
})

test("a signal ends watching", async () => {
  const { channel } = channelScene(A)
  const controller = new AbortController()
  const states = channel.watchState({ signal: controller.signal })
  await states.next()
  const next = failureOf(states.next())
  controller.abort()
  assert.equal((await next).code, "CANCELLED")
})

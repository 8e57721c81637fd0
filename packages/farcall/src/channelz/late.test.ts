import assert from "node:assert/strict"
import { test } from "node:test"
import { liveChannels, liveServers } from "../core/registry.js"
import { failureOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair } from "../testing/test-pair.js"

test("whoever loads channelz late finds what there was before, with its numbers, and times and events from then on", async () => {
  await using pair = await createTestPair(Parrot, { say: (request) => request })
  await pair.client.say({ text: "a" })
  await failureOf(pair.client.say({ text: "!" }))
  for (const { entity } of [...liveChannels, ...liveServers]) {
    assert.deepEqual([entity.eventCount, entity.events], [0, []], "nobody asked for events")
  }

  const { channelz } = await import("./channelz.js")
  const before = channelz.snapshot()
  assert.deepEqual(before.channels[0]!.calls, { started: 2, succeeded: 1, failed: 1, lastStartedAt: undefined })
  const [connection] = before.servers[0]!.connections
  assert.deepEqual(connection!.messages, { sent: 1, received: 1, lastSentAt: undefined, lastReceivedAt: undefined })
  assert.deepEqual(before.channels[0]!.trace.events, [])

  await pair.client.say({ text: "a" })
  await pair.channel.close()
  const after = channelz.snapshot().servers[0]!
  assert.equal(after.calls.started, 3)
  assert.ok(after.calls.lastStartedAt instanceof Date)
})

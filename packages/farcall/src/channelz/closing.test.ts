import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import { Entity } from "../core/entity.js"
import { limits } from "../core/limits.js"
import { LiveSet, liveChannels, liveServers } from "../core/registry.js"
import { createServer } from "../server/server.js"
import { until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { channelz } from "./channelz.js"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

/** Resolves once collecting garbage has led to it. */
async function untilCollected(holds: () => boolean): Promise<void> {
  await until(() => {
    collect()
    return holds()
  }, "that it was collected")
}

// A thousand handshakes of TLS take their time, and show nothing that memory does not.
const transport = "memory"

describe("what is closed is forgotten", () => {
  it("a thousand channels and servers, one after the other, with their connections", async () => {
    for (let i = 0; i < 1_000; i++) {
      const pair = await createTestPair(Parrot, { say: (request) => request }, { transport })
      await pair.client.say({ text: "a" })
      if (i % 250 === 0) assert.equal(channelz.snapshot().servers[0]!.connections.length, 1)
      await pair.close()
    }
    assert.deepEqual([...liveChannels, ...liveServers], [])
  })

  it("a thousand connections of one server, of which the numbers stay", async () => {
    await using pair = await createTestPair(Parrot, { say: (request) => request }, { transport })
    for (let i = 0; i < 1_000; i++) {
      const other = pair.connect()
      await createClient(Parrot, other.channel).say({ text: "a" })
      await other.channel.close()
    }
    await until(() => channelz.snapshot().servers[0]!.connections.length === 0)
    assert.equal(channelz.snapshot().servers[0]!.calls.succeeded, 1_000)
  })

  it("addresses of a channel that found others, hundreds of times", async () => {
    await using pair = await createTestPair(
      Parrot,
      { say: (request) => request },
      { transport, server: { connections: { maxAgeMs: 1_000 } }, clock: virtualClock() },
    )
    for (let i = 0; i < 300; i++) {
      await pair.client.say({ text: "a" })
      await (pair.clock as ReturnType<typeof virtualClock>).advance(2_000)
    }
    const { channels, servers } = channelz.snapshot()
    assert.ok(channels[0]!.subchannels.length <= 1, `${channels[0]!.subchannels.length} subchannels`)
    assert.ok(servers[0]!.connections.length <= 1)
    assert.equal(channels[0]!.calls.succeeded, 300)
    const { events, eventCount } = channels[0]!.trace
    assert.equal(events.length, limits.traceEvents)
    assert.ok(eventCount > 300)
  })

  it("channels and servers that nobody closed, when nobody has them any more", async () => {
    const drop = (): void => {
      for (let i = 0; i < 1_000; i++) {
        createChannel("localhost:1")
        createServer()
      }
    }
    drop()
    await untilCollected(() => [...liveChannels, ...liveServers].length === 0)
  })

  it("in a set of what lives, closed or dropped", async () => {
    const clock = virtualClock()
    const set = new LiveSet<{ entity: Entity }>()
    const kept = { entity: new Entity(clock) }
    const closed = { entity: new Entity(clock) }
    set.add(kept)
    set.add(closed)
    const dropped = ((): number => {
      const one = { entity: new Entity(clock) }
      set.add(one)
      return one.entity.id
    })()
    assert.equal(set.get(closed.entity.id), closed)
    set.delete(closed)
    set.delete(closed)
    assert.equal(set.get(closed.entity.id), undefined)
    await untilCollected(() => set.get(dropped) === undefined)
    assert.deepEqual([...set], [kept])
  })
})

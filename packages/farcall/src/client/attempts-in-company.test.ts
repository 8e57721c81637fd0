import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { StatusError } from "../core/status-error.js"
import { GrpcServer } from "../server/server.js"
import { textsOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { quickRetryPolicy, Watched } from "../test-support/retry-pair.js"
import { serversInMemory, shutDown } from "../test-support/servers-in-memory.js"
import { createTestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { createChannelWith } from "./balanced-channel.js"
import { callCredentials } from "./call-credentials.js"
import type { ChannelOptions } from "./channel-options.js"
import { createClient } from "./client.js"

// Attempts beside what else a call can have: each attempt has all of it.

const retrying: ChannelOptions = {
  serviceConfig: {
    methodConfig: [
      {
        name: [{}],
        retryPolicy: { ...quickRetryPolicy, retryableStatusCodes: ["UNAVAILABLE", "UNAUTHENTICATED"] },
      },
    ],
  },
}

describe("every attempt", () => {
  it("is given call credentials of its own", async () => {
    let asked = 0
    const seen: (string | undefined)[] = []
    await using pair = await createTestPair(
      Parrot,
      {
        say: (request, { metadata }) => {
          seen.push(metadata.get("authorization"))
          if (seen.length < 3) throw new StatusError("UNAUTHENTICATED", "the token is old")
          return request
        },
      },
      { transport: "memory", channel: retrying },
    )
    const credentials = callCredentials(() => ({ authorization: `Bearer ${++asked}` }))
    assert.deepEqual(await pair.client.say({ text: "a" }, { credentials }), { text: "a" })
    assert.deepEqual(seen, ["Bearer 1", "Bearer 2", "Bearer 3"])
  })

  it("may fail by its credentials, which is a failure like others", async () => {
    let asked = 0
    let handled = 0
    await using pair = await createTestPair(
      Parrot,
      {
        say: (request) => {
          handled++
          return request
        },
      },
      { transport: "memory", channel: retrying },
    )
    const credentials = callCredentials(() => {
      if (++asked < 3) throw new StatusError("UNAVAILABLE", "no token just now")
      return { authorization: "Bearer x" }
    })
    assert.deepEqual(await pair.client.say({ text: "a" }, { credentials }), { text: "a" })
    assert.deepEqual([asked, handled], [3, 1])
    assert.equal(pair.channel.retries.memory.used, 0)
  })

  it("compresses what it sends again", async () => {
    const seen: boolean[] = []
    const text = "again and ".repeat(500)
    await using pair = await createTestPair(
      Parrot,
      {
        say: (request, context) => {
          seen.push(context.requestCompressed)
          if (seen.length < 3) throw new StatusError("UNAVAILABLE")
          return request
        },
        gather: async (requests, context) => {
          const texts = await textsOf(requests)
          seen.push(context.requestCompressed)
          if (seen.length < 3) throw new StatusError("UNAVAILABLE")
          return { text: texts.join("") }
        },
      },
      { transport: "memory", channel: retrying },
    )
    assert.deepEqual(await pair.client.say({ text }, { compression: "gzip" }), { text })
    assert.deepEqual(seen.splice(0), [true, true, true])
    const requests = [{ text }, { text: "b" }, { text }]
    assert.deepEqual(await pair.client.gather(requests, { compression: "gzip" }), { text: `${text}b${text}` })
    assert.equal(seen.length, 3)
    assert.equal(pair.channel.retries.memory.used, 0)
  })
})

it("hedging goes to another server where there is one: the slow one is not waited for", async () => {
  const clock = virtualClock()
  const cancelled: number[] = []
  const servers = [0, 1].map((index) => {
    const server = new GrpcServer({ clock })
    server.add(Parrot, {
      say: (_request, context) => {
        context.signal.addEventListener("abort", () => cancelled.push(index))
        return index === 0 ? new Promise(() => {}) : { text: "the other" }
      },
    })
    return server
  })
  await using channel = createChannelWith("two", serversInMemory(servers, clock), {
    clock,
    serviceConfig: {
      loadBalancingConfig: [{ round_robin: {} }],
      methodConfig: [{ name: [{}], hedgingPolicy: { maxAttempts: 2, hedgingDelay: "0.1s" } }],
    },
  })
  channel.connect()
  await clock.advance(1)
  const call = new Watched(createClient(Parrot, channel).say({ text: "" }))
  await clock.advance(99)
  assert.ok(call.pending)
  await clock.advance(2)
  assert.deepEqual(call.value, { text: "the other" })
  assert.ok(cancelled.includes(0))
  await channel.close()
  await shutDown(servers, clock)
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createClient } from "../client/client.js"
import { StatusError } from "../core/status-error.js"
import { channelScene } from "../test-support/channel-scene.js"
import { numbers, theChannel, theConnection, theServer } from "../test-support/one-of-each.js"
import { failureOf, textsOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { callFields, dialRaw, serveRaw } from "../test-support/raw-ends.js"
import { quickRetryPolicy } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"
import { createTestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"

describe("channelz counts", () => {
  it("calls that end OK, with an error, cancelled, and that run", async () => {
    let handlers = 0
    await using pair = await createTestPair(Parrot, {
      say: ({ text }) => {
        if (text === "no") throw new StatusError("NOT_FOUND", "no such text")
        return { text }
      },
      async *repeat({ text }, { signal }) {
        handlers++
        yield { text }
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()))
      },
    })
    await pair.client.say({ text: "yes" })
    await failureOf(pair.client.say({ text: "no" }))
    const cancelled = pair.client.repeat({ text: "x" })
    const open = pair.client.repeat({ text: "x" })
    await until(() => handlers === 2)
    const { state, calls, subchannels } = theChannel()
    assert.equal(state, "READY")
    assert.deepEqual(numbers(calls), [4, 1, 1])
    assert.deepEqual(numbers(subchannels[0]!.calls), [4, 1, 1])
    assert.deepEqual(numbers(theServer().calls), [4, 1, 1])

    cancelled.cancel()
    await until(() => theServer().calls.failed === 2)
    assert.deepEqual(numbers(theChannel().calls), [4, 1, 2])
    assert.deepEqual(numbers(theChannel().subchannels[0]!.calls), [4, 1, 2])
    // A status is the end of a stream as it should be; a reset is not.
    const { streams } = theConnection()
    assert.deepEqual([streams.open, streams.started, streams.succeeded, streams.failed], [1, 4, 2, 1])
    const there = theServer().connections[0]!.streams
    assert.deepEqual([there.started, there.succeeded, there.failed], [4, 2, 1])
    open.cancel()
  })

  it("messages of all kinds of call, on both ends, compressed too", async () => {
    await using pair = await createTestPair(
      Parrot,
      {
        say: (request) => request,
        async gather(requests) {
          return { text: (await textsOf(requests)).join("") }
        },
        *repeat({ text }) {
          for (let i = 0; i < 5; i++) yield { text }
        },
        async *chat(requests) {
          yield* requests
        },
      },
      { server: { compression: "gzip" }, client: { compression: "gzip" } },
    )
    const plain = createClient(Parrot, pair.channel)
    await pair.client.say({ text: "a" })
    for (const client of [pair.client, plain]) {
      const before = theConnection().messages
      await client.say({ text: "a" })
      await client.gather([{ text: "a" }, { text: "b" }, { text: "c" }])
      await textsOf(client.repeat({ text: "a" }))
      await textsOf(client.chat([{ text: "a" }, { text: "b" }]))
      const { sent, received } = theConnection().messages
      assert.deepEqual([sent - before.sent, received - before.received], [1 + 3 + 1 + 2, 1 + 1 + 5 + 2])
    }
    const there = theServer().connections[0]!.messages
    assert.deepEqual([there.sent, there.received], [19, 15])
  })

  it("a call with several attempts once on its channel, each attempt on the subchannel", async () => {
    let attempts = 0
    await using pair = await createTestPair(
      Parrot,
      {
        say: (request) => {
          if (++attempts < 3) throw new StatusError("UNAVAILABLE", "not yet")
          return request
        },
      },
      { channel: { serviceConfig: { methodConfig: [{ name: [{}], retryPolicy: quickRetryPolicy }] } } },
    )
    await pair.client.say({ text: "a" })
    assert.deepEqual(numbers(theChannel().calls), [1, 1, 0])
    assert.deepEqual(numbers(theChannel().subchannels[0]!.calls), [3, 1, 2])
  })

  it("calls that never had a connection, by their channel alone", async () => {
    const { channel, net } = channelScene("ipv4:127.0.0.1:1")
    const client = createClient(Parrot, channel)
    const failed = failureOf(client.say({ text: "a" }))
    await settled()
    net.last.refuse()
    await failed
    await failureOf(client.say({ text: "a" }, { timeoutMs: 0 }))
    await failureOf(client.say({ text: "a" }, { signal: AbortSignal.abort() }))
    await assert.rejects(client.say({ text: "a" }, { timeoutMs: Number.NaN }), TypeError)
    assert.deepEqual(numbers(theChannel().calls), [3, 0, 3])
    assert.deepEqual(numbers(theChannel().subchannels[0]!.calls), [0, 0, 0])
    await channel.close()
  })

  it("what connections carried that are lost: their streams have failed", async () => {
    await using scene = dialRaw(() => {})
    const failed = failureOf(scene.client.say({ text: "a" }))
    await until(() => scene.peers[0]?.streams.length === 1)
    scene.peers[0]!.wire.destroy()
    await failed
    const next = failureOf(scene.client.say({ text: "a" }))
    await until(() => scene.peers[1]?.streams.length === 1)
    assert.deepEqual(numbers(theChannel().calls), [2, 0, 1])
    await scene.channel.close()
    await next
  })

  it("what a server's connections carried that are closed", async () => {
    await using pair = await createTestPair(Parrot, { say: (request) => request })
    await using other = pair.connect()
    await pair.client.say({ text: "a" })
    await createClient(Parrot, other.channel).say({ text: "a" })
    assert.equal(theServer().connections.length, 2)
    await other.channel.close()
    await until(() => theServer().connections.length === 1)
    assert.deepEqual(numbers(theServer().calls), [2, 2, 0])
  })

  it("requests that are not gRPC's: calls that failed, on streams that ended as they should", async () => {
    await using scene = await serveRaw({})
    const get = [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "localhost"]
    await scene.peer.ended(scene.peer.request(get, true))
    await scene.peer.ended(scene.peer.request(callFields("Say", "grpc-timeout", "nonsense"), true))
    await until(() => theServer().calls.failed === 2)
    const { streams } = theServer().connections[0]!
    assert.deepEqual([streams.started, streams.succeeded, streams.failed], [2, 2, 0])
  })

  it("keepalive PINGs of either side, and those of its own", async () => {
    const clock = virtualClock()
    await using pair = await createTestPair(
      Parrot,
      {
        repeat: async function* (_, { signal }) {
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()))
          yield { text: "" }
        },
      },
      {
        clock,
        channel: { keepalive: { timeMs: 10_000 } },
        server: { keepalive: { timeMs: 15_000, minPingIntervalMs: 1_000 } },
      },
    )
    const call = pair.client.repeat({ text: "a" })
    await clock.advance(10_000)
    assert.equal(theConnection().keepalivesSent, 1)
    assert.equal(theServer().connections[0]!.keepalivesSent, 0)
    await clock.advance(15_000)
    assert.equal(theConnection().keepalivesSent, 1, "it looks again when the time to answer is over")
    assert.equal(theServer().connections[0]!.keepalivesSent, 1, "15 s after the client's PING")
    call.cancel()
  })

  it("a GOAWAY that came, the limit of streams, and what the windows allow", async () => {
    await using scene = dialRaw((peer) => peer.connection.changeSettings({ maxConcurrentStreams: 7 }))
    const call = failureOf(scene.client.say({ text: "a" }))
    await until(() => scene.peers[0]?.streams.length === 1)
    await until(() => theConnection().streams.allowed === 7)
    assert.equal(theConnection().goAwayCode, undefined)
    const { mayBeSent } = theConnection().flowControl
    scene.peers[0]!.connection.goAway(1, 11)
    await until(() => theConnection().goAwayCode === 11)
    assert.equal(theChannel().state, "IDLE")
    assert.ok(mayBeSent > 0 && mayBeSent < 2 ** 31)
    await scene.channel.close()
    await call
  })
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type ConnectingChannel, createChannelWith } from "../client/balanced-channel.js"
import { createChannel } from "../client/channel.js"
import type { ChannelOptions } from "../client/channel-options.js"
import { createClient } from "../client/client.js"
import { parseTarget } from "../resolve/target.js"
import { createServer } from "../server/server.js"
import { failureOf, Gate, textsOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { ScriptedCall, ScriptedConnect } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { insecure, local } from "../transport/credentials.js"
import { tls } from "../transport/tls-credentials.js"
import { connectionKey } from "./connection-key.js"

const A = "ipv4:127.0.0.1:1"

interface Pair {
  readonly clock: VirtualClock
  readonly net: ScriptedConnect
  readonly channels: readonly [ConnectingChannel, ConnectingChannel]
}

let scenes = 0

/** Two channels that share. */
function pair(): Pair {
  const clock = virtualClock()
  const net = new ScriptedConnect()
  const connectionKey = `scene ${++scenes}`
  const channel = (): ConnectingChannel =>
    createChannelWith(A, { name: parseTarget(A), connect: net.connect, connectionKey, random: () => 0.5 }, { clock })
  return { clock, net, channels: [channel(), channel()] }
}

function start(channel: ConnectingChannel): ScriptedCall {
  const call = new ScriptedCall()
  channel.start(call)
  return call
}

describe("channels that share", () => {
  it("make one attempt, and one connection", async () => {
    const { net, channels, clock } = pair()
    const calls = channels.map(start)
    await settled()
    assert.equal(net.attempts.length, 1)
    const transport = net.last.succeed(3)
    await settled()
    assert.deepEqual(
      calls.map(({ state }) => state),
      [A, A],
    )
    assert.equal(transport.openStreams, 2)
    await channels[0].close()
    assert.equal(start(channels[1]).state, A, "the other goes on")
    assert.equal(net.attempts.length, 1)
    assert.equal(transport.draining, false)
    await channels[1].close()
    assert.equal(transport.draining, true)
    assert.equal(clock.pending, 0)
  })

  it("share a failure and the backoff after it", async () => {
    const { net, channels, clock } = pair()
    const first = start(channels[0])
    net.last.refuse()
    await settled()
    assert.equal(first.state, "UNAVAILABLE")
    await clock.advance(400)
    const second = start(channels[1])
    await settled()
    assert.match(second.error!.message, /ECONNREFUSED.*next attempt in 0\.60 s/)
    assert.equal(net.attempts.length, 1)
    await clock.advance(600)
    assert.equal(net.attempts.length, 2, "one for both")
    net.last.succeed()
    await settled()
    assert.deepEqual(
      channels.map(({ state }) => state),
      ["READY", "READY"],
    )
    await Promise.all(channels.map((channel) => channel.close()))
  })

  it("an attempt goes on as long as one of them wants it", async () => {
    const { net, channels } = pair()
    start(channels[0])
    const second = start(channels[1])
    await settled()
    await channels[0].close()
    assert.equal(net.last.aborted, false)
    net.last.succeed()
    await settled()
    assert.equal(second.state, A)
    await channels[1].close()
  })

  it("and an attempt that nobody wants any more ends", async () => {
    const { net, channels, clock } = pair()
    channels.map(start)
    await settled()
    await Promise.all(channels.map((channel) => channel.close()))
    assert.equal(net.last.aborted, true)
    await clock.advance(10_000)
    assert.equal(clock.pending, 0)
  })

  it("connect anew after a GOAWAY, and after a loss, together", async () => {
    const { net, channels } = pair()
    channels.map(start)
    const leaving = net.last.succeed()
    await settled()
    leaving.goAway()
    const again = channels.map(start)
    await settled()
    assert.equal(net.attempts.length, 2)
    const lost = net.last.succeed()
    await settled()
    lost.lose()
    assert.ok(again.every(({ state }) => state !== "waiting"))
    const after = channels.map(start)
    await settled()
    assert.equal(net.attempts.length, 3)
    net.last.succeed()
    await settled()
    assert.deepEqual(
      after.map(({ state }) => state),
      [A, A],
    )
    await Promise.all(channels.map((channel) => channel.close()))
  })
})

describe("what is shared", () => {
  const credentials = tls()
  const same: [ChannelOptions, ChannelOptions][] = [
    [{}, { credentials: insecure() }],
    [{ credentials }, { credentials }],
    [{ keepalive: { timeMs: 20_000 } }, { keepalive: { timeMs: 20_000 }, balancing: "round_robin" }],
  ]
  const different: [ChannelOptions, ChannelOptions][] = [
    [{ credentials: insecure() }, { credentials: local() }],
    [{ credentials: tls() }, { credentials: tls() }],
    [{}, { userAgent: "other" }],
    [{}, { http2: { maxFrameSize: 32_768 } }],
    [{}, { connectTimeoutMs: Number.POSITIVE_INFINITY }],
    [{}, { maxReceiveMessageLength: 1 }],
    [{}, { proxy: false }],
    [{}, { clock: virtualClock() }],
  ]
  it("is told by the options that concern connections", () => {
    for (const [a, b] of same) assert.equal(connectionKey(a), connectionKey(b))
    for (const [a, b] of different) assert.notEqual(connectionKey(a), connectionKey(b))
  })
})

it("two channels over sockets make one connection, and closing one leaves the other's calls alone", async () => {
  const gate = new Gate()
  const peers = new Set<string>()
  await using server = createServer().add(Parrot, {
    async say(request, { peer }) {
      peers.add(peer)
      if (request.text === "wait") await gate.opened
      return request
    },
    *repeat({ text }) {
      yield { text }
      yield { text }
    },
  })
  const target = (await server.listen("127.0.0.1:0")).toString()
  const channels = [{}, {}, { userAgent: "other" }].map((own) =>
    createChannel(target, { shareConnections: true, ...own }),
  )
  const [first, second, other] = channels.map((channel) => createClient(Parrot, channel))
  assert.equal((await first!.say({ text: "a" })).text, "a")
  assert.equal((await second!.say({ text: "b" })).text, "b")
  assert.equal(peers.size, 1)
  assert.equal((await other!.say({ text: "c" })).text, "c")
  assert.equal(peers.size, 2, "other options, another connection")
  assert.deepEqual(await textsOf(second!.repeat({ text: "x" })), ["x", "x"])
  const ended = failureOf(first!.say({ text: "wait" }))
  const kept = second!.say({ text: "wait" })
  await second!.say({ text: "behind them" })
  await channels[0]!.close()
  const error = await ended
  assert.equal(error.code, "UNAVAILABLE")
  assert.match(error.message, /was closed/)
  gate.open()
  assert.equal((await kept).text, "wait")
  await until(() => channels[1]!.state === "READY")
  await Promise.all(channels.map((channel) => channel.close()))
})

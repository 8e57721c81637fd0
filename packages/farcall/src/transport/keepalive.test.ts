import assert from "node:assert/strict"
import { test } from "node:test"
import { createChannel } from "../client/channel.js"
import { createServer, type ServerOptions } from "../server/server.js"
import { failureOf } from "../test-support/outcome.js"
import {
  type ClientUnderTest,
  callFields,
  dialRaw,
  okFields,
  responseFields,
  type ServerUnderTest,
  serveRaw,
} from "../test-support/raw-ends.js"
import type { RawPeer } from "../test-support/raw-peer.js"
import { settled } from "../test-support/settled.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import type { ChannelKeepaliveOptions } from "./channel-keepalive.js"

const TIME = 60_000

function dial(keepalive: ChannelKeepaliveOptions = { timeMs: TIME }): ClientUnderTest & { clock: VirtualClock } {
  const clock = virtualClock()
  return Object.assign(
    dialRaw(() => {}, { clock, keepalive }),
    { clock },
  )
}

const pings = (peer: RawPeer): number => peer.log.filter((line) => line.startsWith("ping ")).length

test("46. a client with a call asks after the time without a word, and a server that answers is left in peace", async () => {
  await using scene = dial()
  const call = failureOf(scene.client.say({ text: "x" }))
  await settled()
  const peer = scene.peers[0]!
  await scene.clock.advance(TIME - 1)
  assert.equal(pings(peer), 0)
  await scene.clock.advance(1)
  assert.equal(pings(peer), 1)
  await scene.clock.advance(3 * TIME)
  assert.equal(pings(peer), 4, "each answer begins the time anew")
  await scene.channel.close()
  assert.equal((await call).code, "UNAVAILABLE")
})

test("a server that does not answer within the timeout is given up: its calls are UNAVAILABLE, with why", async () => {
  await using scene = dial({ timeMs: TIME, timeoutMs: 5_000 })
  const failed = failureOf(scene.client.say({ text: "x" }))
  await settled()
  scene.peers[0]!.wire.pauseReading()
  await scene.clock.advance(TIME + 4_999)
  assert.equal(scene.channel.state, "READY")
  await scene.clock.advance(1)
  const error = await failed
  assert.equal(error.code, "UNAVAILABLE")
  assert.match(error.message, /nothing came for 65000 ms, and PING was not answered within 5000 ms/)
  const next = failureOf(scene.client.say({ text: "x" }))
  await settled()
  assert.equal(scene.peers.length, 2, "the next call has a connection of its own")
  await scene.channel.close()
  await next
})

test("anything that comes is an answer, and puts the question off", async () => {
  await using scene = dial({ timeMs: TIME, timeoutMs: 5_000 })
  const call = scene.client.say({ text: "x" })
  await settled()
  const [peer] = scene.peers
  await scene.clock.advance(TIME - 1)
  peer!.send(peer!.streams[0]!, responseFields)
  await scene.clock.advance(TIME - 1)
  assert.equal(pings(peer!), 0)
  peer!.send(peer!.streams[0]!, okFields, true)
  assert.equal((await failureOf(call)).code, "UNIMPLEMENTED", "there was no message")
})

test("46. without calls nobody asks; a call that comes after a long silence asks at once", async () => {
  await using scene = dial()
  scene.channel.connect()
  await scene.clock.advance(10 * TIME)
  const [peer] = scene.peers
  assert.equal(pings(peer!), 0)
  const call = failureOf(scene.client.say({ text: "x" }))
  await settled()
  assert.equal(pings(peer!), 1)
  await scene.channel.close()
  await call
})

test("withoutCalls: a connection without calls is watched too", async () => {
  await using scene = dial({ timeMs: TIME, withoutCalls: true })
  scene.channel.connect()
  await scene.clock.advance(2 * TIME)
  assert.equal(pings(scene.peers[0]!), 2)
})

test("off by default", async () => {
  await using scene = dial({})
  const call = failureOf(scene.client.say({ text: "x" }))
  await scene.clock.advance(1_200_000)
  assert.equal(pings(scene.peers[0]!), 0)
  await scene.channel.close()
  await call
})

test("44. too_many_pings doubles the time for all connections that follow", async () => {
  await using scene = dial()
  const first = failureOf(scene.client.say({ text: "x" }))
  await settled()
  const enhanceYourCalm = 0xb
  scene.peers[0]!.connection.close(enhanceYourCalm, "too_many_pings")
  assert.match((await first).message, /too_many_pings/)
  const second = failureOf(scene.client.say({ text: "x" }))
  await settled()
  await scene.clock.advance(2 * TIME - 1)
  assert.equal(pings(scene.peers[1]!), 0)
  await scene.clock.advance(1)
  assert.equal(pings(scene.peers[1]!), 1)
  await scene.channel.close()
  await second
})

test("times that A8 does not allow are refused", () => {
  assert.throws(() => createChannel("localhost:1", { keepalive: { timeMs: 9_999 } }), {
    name: "RangeError",
    message: "createChannel: keepalive.timeMs is 9999, and must be at least 10000",
  })
  assert.throws(() => createChannel("localhost:1", { keepalive: { timeoutMs: 0 } }), /timeoutMs is 0/)
  assert.throws(() => createServer({ keepalive: { timeMs: -1 } }), /createServer: keepalive.timeMs is -1/)
  assert.throws(() => createServer({ keepalive: { minPingIntervalMs: Number.NaN } }), /minPingIntervalMs is NaN/)
})

async function serve(options: ServerOptions = {}): Promise<ServerUnderTest & { clock: VirtualClock }> {
  const clock = virtualClock()
  const endless = { say: (): Promise<never> => new Promise<never>(() => {}) }
  return Object.assign(await serveRaw(endless, { ...options, clock }), { clock })
}

/** Shuts down at once: the grace of nothing takes a tick of the clock, too. */
async function end({ server, clock }: { server: ServerUnderTest["server"]; clock: VirtualClock }): Promise<void> {
  await Promise.all([server.shutdown({ graceMs: 0 }), clock.advance(1)])
}

const HOUR = 3_600_000
const question = new TextEncoder().encode("question")

test("a server asks a client that has said nothing for two hours, and gives one up that does not answer", async () => {
  const scene = await serve()
  await scene.clock.advance(2 * HOUR)
  assert.equal(pings(scene.peer), 1)
  await scene.clock.advance(HOUR)
  assert.equal(scene.peer.log.includes("close"), false)
  scene.peer.wire.pauseReading()
  await scene.clock.advance(2 * HOUR + 20_000)
  scene.peer.wire.resumeReading()
  await scene.server.shutdown()
  await settled()
  assert.equal(scene.peer.log.at(-1), "close")
  assert.equal(pings(scene.peer), 1, "what was written since is lost with the connection")
})

async function ping(scene: ServerUnderTest & { clock: VirtualClock }, times: number, afterMs: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await scene.clock.advance(afterMs)
    scene.peer.connection.ping(question)
    await settled()
  }
}

const struck = 'goaway 1 ENHANCE_YOUR_CALM "too_many_pings"'

test("a client with a call that pings more often than every 5 minutes is told too_many_pings at the third time", async () => {
  const scene = await serve()
  scene.peer.request(callFields("Say"))
  await ping(scene, 3, 300_000)
  assert.equal(scene.peer.log.includes("close"), false, "every five minutes is allowed")
  await ping(scene, 2, 299_999)
  assert.equal(scene.peer.log.includes(struck), false)
  await ping(scene, 1, 299_999)
  assert.ok(scene.peer.log.includes(struck), scene.peer.log.join("\n"))
  assert.equal(scene.peer.log.at(-1), "close")
  await end(scene)
})

test("45. what the server sends for calls forgives earlier PINGs", async () => {
  const scene = await serve()
  const open = scene.peer.request(callFields("Say"))
  for (let i = 0; i < 5; i++) {
    await ping(scene, 2, 1)
    scene.peer.request(callFields("Say", "grpc-timeout", "bad"), true)
    await settled()
  }
  assert.equal(scene.peer.log.includes("close"), false, scene.peer.log.join("\n"))
  assert.equal(open.closure, undefined)
  await end(scene)
})

test("46. a client without calls may ask once in two hours, unless it is allowed more", async () => {
  const strict = await serve({ keepalive: { timeMs: 100 * HOUR } })
  await ping(strict, 4, 2 * HOUR)
  assert.equal(strict.peer.log.includes("close"), false)
  await ping(strict, 3, HOUR)
  assert.ok(strict.peer.log.includes('goaway 0 ENHANCE_YOUR_CALM "too_many_pings"'), strict.peer.log.join("\n"))
  const generous = await serve({ keepalive: { pingsWithoutCalls: true, minPingIntervalMs: 1_000 } })
  await ping(generous, 10, 1_000)
  assert.equal(generous.peer.log.includes("close"), false)
  await end(strict)
  await end(generous)
})

test("a neighbour on another connection is not struck with it", async () => {
  const scene = await serve()
  const neighbour = await serveRaw({ say: (request) => request })
  const call = neighbour.peer.request(callFields("Say"))
  await ping(scene, 4, 1)
  assert.equal(scene.peer.log.at(-1), "close")
  neighbour.peer.data(call, Uint8Array.of(0, 0, 0, 0, 1, 0x61), true)
  assert.equal((await neighbour.peer.ended(call)).trailers?.get("grpc-status"), "0")
  await end(scene)
  await neighbour.server.shutdown({ graceMs: 0 })
})

import assert from "node:assert/strict"
import { test } from "node:test"
import { createServer } from "../server/server.js"
import { Gate } from "../test-support/outcome.js"
import { callFields, type ServerUnderTest, serveRaw } from "../test-support/raw-ends.js"
import { settled } from "../test-support/settled.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { ConnectionAge, type ConnectionAgeOptions } from "./connection-age.js"

async function serve(
  connections: ConnectionAgeOptions,
): Promise<ServerUnderTest & { readonly clock: VirtualClock; readonly gate: Gate }> {
  const clock = virtualClock()
  const gate = new Gate()
  const servicer = { say: (request: { text: string }) => gate.opened.then(() => request) }
  return Object.assign(await serveRaw(servicer, { connections, clock }), { clock, gate })
}

const message = Uint8Array.of(0, 0, 0, 0, 1, 0x61)
const LAST = 2 ** 31 - 1

test("a connection without calls is drained after maxIdleMs, with max_idle as the reason", async () => {
  const { peer, clock, server } = await serve({ maxIdleMs: 1_000 })
  await clock.advance(999)
  assert.deepEqual(peer.log, ["settings"])
  await clock.advance(1)
  await settled()
  assert.equal(peer.log[1], `goaway ${LAST} NO_ERROR "max_idle"`)
  assert.equal(peer.log.at(-1), "close")
  await server.shutdown({ graceMs: 0 })
})

test("a call keeps its connection from being idle, however long it takes", async () => {
  const { peer, clock, server, gate } = await serve({ maxIdleMs: 1_000 })
  const call = peer.request(callFields("Say"))
  peer.data(call, message, true)
  await clock.advance(60_000)
  assert.equal(peer.log.length, 1)
  gate.open()
  assert.equal((await peer.ended(call)).trailers?.get("grpc-status"), "0")
  await clock.advance(1_000)
  await settled()
  assert.equal(peer.log[1], `goaway ${LAST} NO_ERROR "max_idle"`)
  await server.shutdown({ graceMs: 0 })
})

test("an old connection is drained with max_age, and its calls end when the grace does", async () => {
  const { peer, clock, server } = await serve({ maxAgeMs: 10_000, maxAgeGraceMs: 5_000 })
  const call = peer.request(callFields("Say"))
  peer.data(call, message, true)
  await clock.advance(8_999)
  assert.equal(peer.log.length, 1, "a tenth sooner at the earliest")
  await clock.advance(2_001)
  assert.equal(peer.log[1], `goaway ${LAST} NO_ERROR "max_age"`)
  assert.equal(call.closure, undefined)
  await clock.advance(5_000)
  await settled()
  assert.equal(peer.log.at(-1), "close")
  assert.ok(call.closure)
  await server.shutdown({ graceMs: 0 })
})

test("without a grace, calls on an old connection may go on", async () => {
  const { peer, clock, server, gate } = await serve({ maxAgeMs: 10_000 })
  const call = peer.request(callFields("Say"))
  peer.data(call, message, true)
  await clock.advance(100_000)
  assert.equal(call.closure, undefined)
  gate.open()
  assert.equal((await peer.ended(call)).trailers?.get("grpc-status"), "0")
  await settled()
  assert.equal(peer.log.at(-1), "close")
  await server.shutdown({ graceMs: 0 })
})

test("what is said of the age is moved by up to a tenth either way", async () => {
  for (const [random, at] of [
    [0, 9_000],
    [0.5, 10_000],
    [0.75, 10_500],
  ] as const) {
    const clock = virtualClock()
    const told: string[] = []
    const connection = { drain: (reason: string) => told.push(reason), close: (reason: string) => told.push(reason) }
    new ConnectionAge(connection, clock, { maxAgeMs: 10_000, maxAgeGraceMs: 1 }, () => random)
    await clock.advance(at - 1)
    assert.deepEqual(told, [])
    await clock.advance(1)
    assert.deepEqual(told, ["max_age"])
    await clock.advance(1)
    assert.deepEqual(told, ["max_age", "max_age_grace"])
  }
})

test("times are above 0", () => {
  assert.throws(() => createServer({ connections: { maxIdleMs: 0 } }), {
    name: "RangeError",
    message: "createServer: connections.maxIdleMs is 0, and must be above 0",
  })
  assert.throws(() => createServer({ connections: { maxAgeMs: Number.NaN } }), /maxAgeMs is NaN/)
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Parrot } from "../../test-support/parrot.js"
import { settled } from "../../test-support/settled.js"
import type { Wire, WireHandler } from "../../transport/wire.js"
import { type VirtualClock, virtualClock } from "../virtual-clock.js"
import type { ActiveFault } from "./active-fault.js"
import type { FaultRule } from "./fault-rule.js"
import { FaultBoard } from "./faults.js"
import type { FaultyLink } from "./faulty-link.js"
import { faultyWires } from "./faulty-wires.js"

/** What one end was told: each chunk, `end`, `closed`. */
class End implements WireHandler {
  readonly log: string[] = []
  readonly wire: Wire

  constructor(wire: Wire) {
    this.wire = wire
    wire.attach(this)
  }

  write(...bytes: readonly (readonly number[])[]): void {
    this.wire.write(
      bytes.map((one) => Uint8Array.from(one)),
      () => {},
    )
  }

  onChunk(chunk: Uint8Array, start: number, stop: number): void {
    this.log.push(Buffer.from(chunk.subarray(start, stop)).toString("hex"))
  }

  onWireEnd(): void {
    this.log.push("end")
  }

  onWireClosed(): void {
    this.log.push("closed")
  }
}

const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString("hex")
const frame = (type: number, flags: number, streamId: number, ...payload: number[]): number[] => [
  ...[0, 0, payload.length, type, flags, 0, 0, 0, streamId],
  ...payload,
]
const text = (value: string): number[] => [value.length, ...Buffer.from(value)]
/** A field as the link sends it on. */
const field = (name: string, value: string): number[] => [0, ...text(name), ...text(value)]

const preface = [...Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
/** `:path` as a literal that goes into the table, then by its number: what the link sends on needs no table. */
const firstHeaders = frame(1, 4, 1, 0x44, ...text("/test.Parrot/Chat"))
const laterHeaders = (streamId: number): number[] => frame(1, 4, streamId, 0xbe)
const requestHeaders = (streamId: number): number[] =>
  frame(1, 4, streamId, 0x20, ...field(":path", "/test.Parrot/Chat"))
const responseHeaders = frame(1, 4, 1, 0x20, ...field(":status", "200"))

interface Scene {
  readonly clock: VirtualClock
  readonly client: End
  readonly server: End
  readonly link: FaultyLink
  readonly faults: FaultBoard
  readonly rule: ActiveFault | undefined
}

/** A stream has begun; nothing of the response has come. */
async function begun(rule?: FaultRule): Promise<Scene> {
  const clock = virtualClock()
  const faults = new FaultBoard(() => ({ methods: Object.values(Parrot.methods), seesCalls: true }))
  const wires = faultyWires(clock, faults)
  const [client, server] = [new End(wires.client), new End(wires.server)]
  client.write(preface, firstHeaders)
  await settled()
  assert.deepEqual(server.log.splice(0), [hex(preface), hex(requestHeaders(1))])
  const placed = rule && faults.add(rule)
  return { clock, client, server, link: wires.link, faults, rule: placed }
}

describe("a link whose rule strikes", () => {
  const rstInternal = "00000403000000000100000002"
  const rstCancel = "00000403000000000100000008"
  const at = "response headers"
  const cases: readonly [FaultRule, client: readonly string[], server: readonly string[]][] = [
    [{ fault: "cut", at }, ["closed"], ["closed"]],
    [{ fault: "close", at }, ["end", "closed"], ["end", "closed"]],
    [{ fault: "stall", at }, [], []],
    [{ fault: "stall", at, ms: 100 }, [], []],
    [{ fault: "stall", at, direction: "requests" }, [hex(responseHeaders)], []],
    [{ fault: "split", at }, responseHeaders.map((byte) => hex([byte])), []],
    [{ fault: "split", at, bytes: 20 }, [hex(responseHeaders.slice(0, 20)), hex(responseHeaders.slice(20))], []],
    [{ fault: "join", at }, [], []],
    [{ fault: "block", at }, [], []],
    [{ fault: "reset", at, code: "INTERNAL_ERROR" }, [rstInternal], [rstCancel]],
    [{ fault: "endStream", at }, ["000000000100000001"], [rstCancel]],
    [{ fault: "trailers", at }, ["00000f010500000001000b677270632d7374617475730130"], [rstCancel]],
    [{ fault: "goAway", at }, ["0000080700000000000000000100000000", hex(responseHeaders)], []],
    [
      { fault: "goAway", at, seen: false, close: true },
      ["0000080700000000000000000000000000", "end", "closed"],
      [rstCancel, "end", "closed"],
    ],
    [{ fault: "cut", after: { responses: 12 } }, [hex(responseHeaders.slice(0, 12)), "closed"], ["closed"]],
    [{ fault: "latency", ms: 1 }, [], []],
    [{ fault: "bandwidth", bytesPerSecond: 1_000 }, [], []],
  ]
  for (const [rule, client, server] of cases) {
    it(JSON.stringify(rule), async () => {
      const scene = await begun(rule)
      scene.server.write(frame(1, 4, 1, 0x88))
      await settled()
      assert.deepEqual([scene.client.log, scene.server.log], [client, server])
      assert.equal(scene.rule!.matched, 1)
      scene.link.close()
      await settled()
      assert.equal(scene.link.closed, true)
      assert.deepEqual([scene.clock.pending, scene.clock.holds], [0, 0])
    })
  }

  it("lets what a stall has held up go on, in order", async () => {
    const { clock, client, server } = await begun({ fault: "stall", ms: 100, at })
    server.write(frame(1, 4, 1, 0x88), frame(0, 0, 1, 1))
    server.wire.end()
    await clock.advance(99)
    assert.deepEqual(client.log, [])
    await clock.advance(1)
    assert.deepEqual(client.log, [hex(responseHeaders), hex(frame(0, 0, 1, 1)), "end", "closed"])
  })

  it("joins what comes within a while", async () => {
    const { clock, client, server } = await begun({ fault: "join" })
    server.write(frame(1, 4, 1, 0x88))
    await clock.advance(10)
    server.write(frame(0, 0, 1, 1))
    await clock.advance(10)
    assert.deepEqual(client.log, [hex([...responseHeaders, ...frame(0, 0, 1, 1)])])
  })

  it("leaves what is blocked with who writes", async () => {
    const { clock, client, server, rule } = await begun({ fault: "block", direction: "responses" })
    let written = false
    server.wire.write([Uint8Array.from(frame(1, 4, 1, 0x88))], () => {
      written = true
    })
    client.write(frame(0, 0, 1, 1))
    await clock.advance(60_000)
    assert.deepEqual([written, client.log, server.log], [false, [], [hex(frame(0, 0, 1, 1))]])
    rule!.remove()
    await clock.settle()
    assert.deepEqual([written, client.log], [true, [hex(responseHeaders)]])
  })

  it("tells nobody that the other end has gone when the line is dead", async () => {
    const { client, server, link, faults } = await begun()
    faults.strike({ fault: "stall" })
    client.wire.destroy()
    await settled()
    assert.deepEqual([client.log, server.log, link.closed], [["closed"], [], false])
    link.close()
  })

  it("gives the connection's credit back for DATA that nobody takes", async () => {
    const { client, server } = await begun({ fault: "reset", code: "INTERNAL_ERROR", at })
    server.write(frame(1, 4, 1, 0x88), frame(0, 0, 1, 7, 7, 7))
    await settled()
    assert.deepEqual(server.log, [rstCancel, "00000408000000000000000003"])
    assert.deepEqual(client.log, [rstInternal])
  })

  it("leaves headers readable that come after others which nobody got", async () => {
    const { client, server } = await begun({ fault: "reset", code: "REFUSED_STREAM", nth: 1 })
    client.write(laterHeaders(3), laterHeaders(5))
    await settled()
    assert.deepEqual(server.log, [hex(requestHeaders(5))])
    assert.deepEqual(client.log, [hex([...frame(3, 0, 3), 0, 0, 0, 7].with(2, 4))])
  })

  it("cuts a frame in two where frames are put in amid it, as often as need be", async () => {
    const { client, server, faults } = await begun()
    faults.add({ fault: "goAway", method: "Chat", after: { responses: 6 } })
    faults.add({ fault: "goAway", method: "Chat", after: { responses: 8 } })
    faults.add({ fault: "endStream", after: { responses: 9 } })
    server.write(frame(0, 1, 1, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5))
    await settled()
    const goAway = "0000080700000000000000000100000000"
    assert.deepEqual(client.log, [
      hex(frame(0, 0, 1, 0, 0, 0, 0, 5, 1)),
      goAway,
      hex(frame(0, 0, 1, 2, 3)),
      goAway,
      hex(frame(0, 0, 1, 4)),
      "000000000100000001",
    ])
  })

  it("passes what is no HTTP/2 as it is", async () => {
    const clock = virtualClock()
    const faults = new FaultBoard(() => ({ methods: undefined, seesCalls: true }))
    const wires = faultyWires(clock, faults)
    const [client, server] = [new End(wires.client), new End(wires.server)]
    client.write([1, 2, 3])
    server.write([4, 5, 6])
    client.write(Array.from({ length: 40 }, (_, i) => i))
    server.write([7])
    await settled()
    assert.equal(server.log.join(""), hex([1, 2, 3, ...Array.from({ length: 40 }, (_, i) => i)]))
    assert.equal(client.log.join(""), "04050607")
  })
})

describe("a link with latency", () => {
  it("keeps the order of all that is late alike", async () => {
    const { clock, client, server, faults } = await begun({ fault: "latency", ms: 50, jitterMs: 50, seed: 7 })
    const came: [at: number, what: string][] = []
    client.onChunk = (chunk, start, stop) => {
      came.push([clock.now(), Buffer.from(chunk.subarray(start + 9, stop)).toString("hex")])
    }
    for (let i = 0; i < 10; i++) server.write(frame(0, 0, 1, i))
    await clock.advance(100)
    assert.deepEqual(
      came.map(([, what]) => what),
      Array.from({ length: 10 }, (_, i) => hex([i])),
    )
    const times = came.map(([at]) => at)
    assert.ok(times[0]! >= 50 && times.at(-1)! < 100 && new Set(times).size > 1, String(times))
    faults.clear()
    server.write(frame(0, 0, 1, 99))
    await settled()
    assert.equal(came.at(-1)![1], hex([99]))
  })

  it("makes the calls of one method late, and leaves the others alone", async () => {
    const { clock, client, server, faults } = await begun()
    faults.add({ fault: "latency", ms: 50, nth: 1, direction: "responses" })
    client.write(laterHeaders(3), laterHeaders(5))
    await clock.settle()
    server.write(frame(0, 0, 3, 3), frame(0, 0, 5, 5), frame(0, 1, 3, 33))
    await clock.settle()
    assert.deepEqual(client.log, [hex(frame(0, 0, 5, 5))])
    await clock.advance(50)
    assert.deepEqual(client.log.slice(1), [hex(frame(0, 0, 3, 3)), hex(frame(0, 1, 3, 33))])
    assert.deepEqual([clock.pending, faults.rules[0]!.matched], [0, 1])
  })

  it("lets no more bytes through than there is bandwidth for", async () => {
    const { clock, client, server } = await begun({ fault: "bandwidth", bytesPerSecond: 1_000, direction: "responses" })
    const data = frame(0, 0, 1, ...new Uint8Array(91))
    server.write(data, data, data)
    for (const count of [0, 1, 2, 3]) {
      assert.equal(client.log.length, count)
      await clock.advance(100)
    }
  })

  it("tells of a line's end after all that is on its way", async () => {
    const { clock, client, server } = await begun({ fault: "latency", ms: 30 })
    server.write(frame(0, 0, 1, 1))
    server.wire.end()
    await clock.advance(29)
    assert.deepEqual(client.log, [])
    await clock.advance(1)
    assert.deepEqual(client.log, [hex(frame(0, 0, 1, 1)), "end", "closed"])
  })
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { settled } from "../../test-support/settled.js"
import { type VirtualClock, virtualClock } from "../../testing/virtual-clock.js"
import type { Wire, WireHandler } from "../../transport/wire.js"
import { type Fault, PlannedFault } from "./fault.js"
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

const preface = [...Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
const requestHeaders = [0, 0, 1, 1, 4, 0, 0, 0, 1, 0x82]
const responseHeaders = [0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88]
const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString("hex")

interface Scene {
  readonly clock: VirtualClock
  readonly client: End
  readonly server: End
  readonly link: FaultyLink
}

/** A stream has begun; the fault is to strike at its response headers, which the server sends next. */
async function begun(fault: Fault, armed = true): Promise<Scene> {
  const clock = virtualClock()
  const plan = new PlannedFault(fault, "response headers")
  plan.armed = armed
  const wires = faultyWires(clock, plan)
  const [client, server] = [new End(wires.client), new End(wires.server)]
  client.write(preface, requestHeaders)
  await settled()
  assert.deepEqual(server.log.splice(0), [hex(preface), hex(requestHeaders)])
  server.write(responseHeaders)
  await settled()
  return { clock, client, server, link: wires.link }
}

describe("a link whose fault strikes", () => {
  const rstInternal = "00000403000000000100000002"
  const rstCancel = "00000403000000000100000008"
  const cases: readonly [Fault, client: readonly string[], server: readonly string[]][] = [
    [{ kind: "cut" }, ["closed"], ["closed"]],
    [{ kind: "close" }, ["end", "closed"], ["end", "closed"]],
    [{ kind: "stall" }, [], []],
    [{ kind: "delay", ms: 100 }, [], []],
    [{ kind: "segments", of: "bytes" }, responseHeaders.map((byte) => hex([byte])), []],
    [{ kind: "segments", of: "joined" }, [], []],
    [{ kind: "reset", code: 2 }, [rstInternal], [rstCancel]],
    [{ kind: "endStream" }, ["000000000100000001"], [rstCancel]],
    [{ kind: "trailers" }, ["00000f010500000001000b677270632d7374617475730130"], [rstCancel]],
    [{ kind: "goAway", seen: true, close: false }, ["0000080700000000000000000100000000", hex(responseHeaders)], []],
    [
      { kind: "goAway", seen: false, close: true },
      ["0000080700000000000000000000000000", "end", "closed"],
      [rstCancel, "end", "closed"],
    ],
  ]
  for (const [fault, client, server] of cases) {
    it(JSON.stringify(fault), async () => {
      const scene = await begun(fault)
      assert.deepEqual([scene.client.log, scene.server.log], [client, server])
      scene.link.close()
      await settled()
      assert.equal(scene.link.closed, true)
      assert.deepEqual([scene.clock.pending, scene.clock.holds], [0, 0])
    })
  }

  it("lets what a delay has held up go on, in order", async () => {
    const { clock, client, server } = await begun({ kind: "delay", ms: 100 })
    server.write(responseHeaders, [1])
    server.wire.end()
    await clock.advance(99)
    assert.deepEqual(client.log, [])
    await clock.advance(1)
    assert.deepEqual(client.log, [hex(responseHeaders), hex(responseHeaders), "end", "closed"])
  })

  it("joins what comes within a while", async () => {
    const { clock, client, server } = await begun({ kind: "segments", of: "joined" })
    server.write(responseHeaders)
    await clock.advance(20)
    assert.deepEqual(client.log, [hex([...responseHeaders, ...responseHeaders])])
  })

  it("tells nobody that the other end has gone when the line is dead", async () => {
    const { client, server, link } = await begun({ kind: "stall" })
    client.wire.destroy()
    await settled()
    assert.deepEqual([client.log, server.log, link.closed], [["closed"], [], false])
    link.close()
  })

  it("gives the connection's credit back for DATA that nobody takes", async () => {
    const { client, server } = await begun({ kind: "reset", code: 2 })
    const before = server.log.length
    server.write([0, 0, 3, 0, 0, 0, 0, 0, 1, 7, 7, 7])
    await settled()
    assert.deepEqual(server.log.slice(before), ["00000408000000000000000003"])
    assert.deepEqual(client.log, [rstInternal])
  })

  it("is not to strike amid a frame where it is about frames", () => {
    const at = { direction: "responses", byte: 3 } as const
    assert.throws(() => new PlannedFault({ kind: "reset", code: 2 }, at), /^TypeError: reset strikes between frames$/)
  })

  it("does nothing before the plan is armed", async () => {
    const { client, server } = await begun({ kind: "cut" }, false)
    assert.deepEqual([client.log, server.log], [[hex(responseHeaders)], []])
  })
})

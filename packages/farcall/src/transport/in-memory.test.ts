import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { settled } from "../test-support/settled.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { inMemoryWires } from "./in-memory.js"
import type { Wire, WireHandler } from "./wire.js"

/** Notes what one end is told. */
class End implements WireHandler {
  readonly log: string[] = []
  readonly wire: Wire

  constructor(wire: Wire) {
    this.wire = wire
    wire.attach(this)
  }

  write(...texts: readonly string[]): void {
    this.wire.write(
      texts.map((text) => Buffer.from(text)),
      () => this.log.push("written"),
    )
  }

  onChunk(chunk: Uint8Array, start: number, stop: number): void {
    this.log.push(`chunk ${Buffer.from(chunk.subarray(start, stop))}`)
  }

  onWireEnd(): void {
    this.log.push("end")
  }

  onWireClosed(): void {
    this.log.push("closed")
  }
}

function pair(): { near: End; far: End; clock: VirtualClock } {
  const clock = virtualClock()
  const [left, right] = inMemoryWires(clock)
  return { near: new End(left), far: new End(right), clock }
}

describe("wires in memory", () => {
  it("bring what one writes to the other, in a later turn, in order", async () => {
    const { near, far } = pair()
    near.write("a", "b")
    near.write("c")
    assert.deepEqual(far.log, [])
    await settled()
    assert.deepEqual(far.log, ["chunk a", "chunk b", "chunk c"])
    assert.deepEqual(near.log, ["written", "written"])
    assert.equal(near.wire.peer, far.wire.peer)
  })

  it("keep what is written before the other end is attached", async () => {
    const [left, right] = inMemoryWires(virtualClock())
    const near = new End(left)
    near.write("a")
    await settled()
    assert.deepEqual(near.log, [])
    const far = new End(right)
    await settled()
    assert.deepEqual(far.log, ["chunk a"])
  })

  it("hold back while reading is paused, and do not say written", async () => {
    const { near, far } = pair()
    far.wire.pauseReading()
    near.write("a")
    near.wire.end()
    await settled()
    assert.deepEqual([near.log, far.log], [[], []])
    far.wire.resumeReading()
    await settled()
    assert.deepEqual(far.log, ["chunk a", "end", "closed"])
  })

  it("end after what was written, and close when both directions have ended", async () => {
    const { near, far } = pair()
    near.write("a")
    near.wire.end()
    near.write("too late")
    await settled()
    assert.deepEqual(far.log, ["chunk a", "end", "closed"])
    assert.deepEqual(near.log, ["written", "end", "closed"])
  })

  it("bring what was written before the end to an end that has ended its own direction", async () => {
    const { near, far } = pair()
    near.wire.pauseReading()
    far.write("last words")
    near.wire.end()
    await settled()
    assert.deepEqual(far.log, ["end", "closed"])
    near.wire.resumeReading()
    await settled()
    assert.deepEqual(near.log, ["chunk last words", "end", "closed"])
    assert.deepEqual(far.log, ["end", "closed", "written"])
  })

  it("are destroyed at once, and say so once", async () => {
    const { near, far } = pair()
    near.write("lost")
    far.wire.destroy()
    near.wire.destroy()
    near.write("lost too")
    await settled()
    assert.deepEqual([near.log, far.log], [["closed"], ["closed"]])
  })

  it("hold the process from when both ends are attached until they are closed", async () => {
    const clock = virtualClock()
    const [left, right] = inMemoryWires(clock)
    const near = new End(left)
    assert.equal(clock.holds, 0)
    new End(right)
    assert.equal(clock.holds, 1)
    near.wire.destroy()
    near.wire.destroy()
    assert.equal(clock.holds, 0)
  })
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { BinaryWriter } from "@bufbuild/protobuf/wire"
import type { ByteSink } from "../codec.js"
import { beginLength, endLength, grow, growInto, varint32Size, writeTag, writeVarint32 } from "./sink.js"

/** Around each number of bits that a varint of one more byte begins with. */
const values = [0, 1, ...[7, 14, 21, 28, 32].flatMap((bits) => [2 ** bits - 1, 2 ** bits % 2 ** 32])]

function sinkOf(room: number): ByteSink {
  return { buffer: new Uint8Array(room), start: 0, limit: room }
}

describe("a varint of 32 bits", () => {
  it("is written as @bufbuild/protobuf does, and takes the bytes that it is said to take", () => {
    for (const value of values) {
      const expected = new BinaryWriter().uint32(value).finish()
      const buffer = new Uint8Array(8).fill(0xaa)
      assert.equal(writeVarint32(buffer, 2, value), 2 + expected.length)
      assert.deepEqual(buffer.slice(2, 2 + expected.length), expected)
      assert.ok(buffer.subarray(2 + expected.length).every((byte) => byte === 0xaa))
      assert.equal(varint32Size(value), expected.length)
    }
  })
})

describe("a tag alone", () => {
  it("is written where there is room, and room is made for it where there is none", () => {
    for (const tag of [0x0b, 0x83, 0xffffffff]) {
      for (let room = 0; room < 8; room++) {
        const sink = sinkOf(room)
        const { buffer } = sink
        const end = writeTag(sink, 0, tag)
        assert.equal(sink.buffer === buffer, room >= 5)
        assert.ok(end <= sink.limit)
        assert.deepEqual(sink.buffer.slice(0, end), new BinaryWriter().uint32(tag).finish())
      }
    }
  })
})

describe("a length", () => {
  it("stands before its content, however long that is, and whatever room there is", () => {
    for (const length of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      const content = new Uint8Array(length).fill(7)
      content[0] = 1
      content[length - 1] = 9
      for (const tag of [0x0a, 0xfffffffa]) {
        const expected = new BinaryWriter().uint32(tag).bytes(content).finish()
        for (const more of [0, 1, 3, 10]) {
          // Just so much room that the content fits behind a length of one byte, or a little more.
          const sink = sinkOf(1 + 6 + length + more)
          const start = beginLength(sink, 1, tag)
          sink.buffer.set(content, start)
          sink.limit = start + length + more
          const { buffer } = sink
          const end = endLength(sink, start, start + length)
          assert.equal(sink.buffer === buffer, more >= varint32Size(length) - 1)
          assert.ok(end <= sink.limit)
          assert.ok(Buffer.from(sink.buffer.subarray(1, end)).equals(expected), `${length} bytes`)
        }
      }
    }
  })

  it("is begun in a sink without room", () => {
    for (let room = 0; room < 8; room++) {
      const sink = sinkOf(room)
      const { buffer } = sink
      const start = beginLength(sink, 0, 0xfffffffa)
      assert.equal(sink.buffer === buffer, room >= 6)
      assert.equal(start, 6)
      assert.ok(start <= sink.limit)
    }
  })
})

describe("a sink that grows", () => {
  it("keeps what was written since its start, at the same offsets, and at least doubles", () => {
    const sink: ByteSink = { buffer: Uint8Array.from({ length: 200 }, (_, i) => i), start: 20, limit: 200 }
    grow(sink, 200, 5)
    assert.equal(sink.limit, 20 + 2 * 180)
    assert.equal(sink.buffer.length, sink.limit)
    assert.deepEqual(
      sink.buffer.subarray(20, 200),
      Uint8Array.from({ length: 180 }, (_, i) => i + 20),
    )
    assert.ok(
      sink.buffer.subarray(0, 20).every((byte) => byte === 0),
      "what is not its own is left behind",
    )
    grow(sink, 200, 5000)
    assert.ok(sink.limit >= 5200)
  })

  it("grows into what it is lent", () => {
    const sink = sinkOf(10)
    const asked: [size: number, written: number][] = []
    const lent = new Uint8Array(1000)
    growInto(sink, (size, written) => {
      asked.push([size, written])
      return lent
    })
    sink.buffer.fill(3)
    grow(sink, 10, 200)
    assert.deepEqual(asked, [[10 + 200 + 64, 10]])
    assert.equal(sink.buffer, lent)
    assert.equal(sink.limit, 1000)
    assert.deepEqual(lent.slice(0, 11), Uint8Array.of(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0))
  })
})

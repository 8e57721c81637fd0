import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { UnknownField } from "@bufbuild/protobuf"
import { BinaryWriter } from "@bufbuild/protobuf/wire"
import { DecodeError } from "../decode-error.js"
import { readerOf } from "../test-support/reader-of.js"
import { findGroupEnd, keepUnknown, keepUnknownEnum, skipField, writeUnknown } from "./unknown-fields.js"

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"))
}

/** What stands behind a tag, of every wire type. */
const fields: readonly [tag: number, hex: string][] = [
  [0x08, "00"],
  [0x08, "ffffffffffffffffff 01"],
  [0x09, "0102030405060708"],
  [0x0a, "00"],
  [0x0a, "03 616263"],
  [0x0a, "83 00 616263"],
  [0x0b, "0c"],
  [0x0b, "08 01 13 12 02 6162 14 1b 1c 0c"],
  [0x0d, "01020304"],
  [0xfffffff8, "05"],
  [0xfffffffb, "08 01 fcffffff0f"],
]

describe("an unknown field", () => {
  for (const [tag, hex] of fields) {
    it(`with the tag ${tag.toString(16)} ends behind ${hex}`, () => {
      const content = bytesOf(hex)
      const bytes = Uint8Array.of(0xaa, ...content, 0x80, 0x80)
      const reader = readerOf(bytes)
      assert.equal(skipField(reader, tag, 1), 1 + content.length)
      assert.equal(reader.position, 1 + content.length)
      for (let stop = 1; stop < 1 + content.length; stop++) {
        const short = readerOf(bytes)
        short.stop = stop
        assert.throws(() => skipField(short, tag, 1), DecodeError, `cut after ${stop - 1}`)
        assert.throws(() => skipField(readerOf(bytes.subarray(0, stop)), tag, 1), DecodeError)
      }
    })

    it(`with the tag ${tag.toString(16)} is written as it came: ${hex}`, () => {
      const content = bytesOf(hex)
      const bytes = Uint8Array.of(0xaa, ...content, 0x80)
      const kept = keepUnknown(readerOf(bytes), tag, 1, undefined)
      bytes.fill(0)
      assert.deepEqual(kept, [{ no: tag >>> 3, wireType: tag & 7, data: content }])
      for (const room of [0, content.length, content.length + 4, content.length + 5, 60]) {
        const sink = { buffer: new Uint8Array(1 + room), start: 0, limit: 1 + room }
        sink.buffer[0] = 0x77
        const { buffer } = sink
        const end = writeUnknown(sink, 1, [...kept, ...kept])
        if (room >= 2 * (content.length + 5)) assert.equal(sink.buffer, buffer, "there was room enough")
        const once = [...new BinaryWriter().uint32(tag).finish(), ...content]
        assert.deepEqual([...sink.buffer.subarray(0, end)], [0x77, ...once, ...once])
      }
    })
  }

  const malformed: readonly [tag: number, hex: string, reason: RegExp][] = [
    [0x07, "00", /field number 0/],
    [0x0e, "00", /wire type 6$/],
    [0x0f, "00", /wire type 7$/],
    [0x0c, "00", /wire type 4 outside a group/],
    [0x08, "80808080808080808080 00 00", /more than ten bytes/],
    [0x0b, "14", /ends that was not begun/],
    [0x0b, "13 0c 14", /ends that was not begun/],
    [0x0b, "00 0c", /field number 0/],
    [0x0b, "8080808010 0c", /does not fit 32 bits/],
    [0x0a, "ffffffff0f 61", /ends in the middle/],
  ]
  for (const [tag, hex, reason] of malformed) {
    it(`with the tag ${tag.toString(16)} and behind it ${hex} is refused: ${reason.source}`, () => {
      assert.throws(() => skipField(readerOf(bytesOf(hex)), tag, 0), { name: "DecodeError", message: reason })
    })
  }

  it("joins those that there are", () => {
    const before: UnknownField[] = [{ no: 9, wireType: 0, data: Uint8Array.of(1) }]
    const kept = keepUnknown(readerOf(Uint8Array.of(7)), 0x10, 0, before)
    assert.equal(kept, before)
    assert.deepEqual(kept[1], { no: 2, wireType: 0, data: Uint8Array.of(7) })
  })

  it("may be a closed enum's value that it does not have", () => {
    for (const value of [0, 3, 127, 128, 70_000, 2 ** 31 - 1, -1, -(2 ** 31)]) {
      const data = new BinaryWriter().int32(value).finish()
      assert.deepEqual(keepUnknownEnum(value, 5, undefined), [{ no: 5, wireType: 0, data }])
    }
    const before: UnknownField[] = []
    assert.equal(keepUnknownEnum(3, 5, before), before)
  })
})

describe("a group's content", () => {
  it("ends where its end tag begins, behind which reading goes on", () => {
    // Group 1 with group 2 twice in it, and group 3 in the second one.
    const bytes = bytesOf("08 01 13 08 02 14 13 1b 08 03 1c 14 0c ff")
    const reader = readerOf(bytes)
    assert.equal(findGroupEnd(reader, 0x0b, 0), 12)
    assert.equal(reader.position, 13)
    // What was seen of the groups within is not looked for again: none of these could be found in other bytes.
    reader.bytes = Uint8Array.from(bytes, (byte, at) => (at === 5 || at === 10 || at === 11 ? byte : 0))
    for (const [tag, position, end] of [
      [0x13, 3, 5],
      [0x13, 7, 11],
      [0x1b, 8, 10],
    ] as const) {
      assert.equal(findGroupEnd(reader, tag, position), end)
      assert.equal(reader.position, end + 1)
    }
  })

  it("is refused where it does not end, or is nested too deep", () => {
    assert.throws(() => findGroupEnd(readerOf(bytesOf("08 01")), 0x0b, 0), DecodeError)
    const deep = (levels: number): Uint8Array => bytesOf(`${"13".repeat(levels)}${"14".repeat(levels)}0c`)
    const reader = readerOf(deep(5))
    reader.depth = 6
    assert.equal(findGroupEnd(reader, 0x0b, 0), 10)
    const tooDeep = readerOf(deep(5))
    tooDeep.depth = 5
    assert.throws(() => findGroupEnd(tooDeep, 0x0b, 0), /nested too deep/)
  })
})

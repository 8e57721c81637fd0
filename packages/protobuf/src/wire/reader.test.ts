import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { BinaryWriter } from "@bufbuild/protobuf/wire"
import fc from "fast-check"
import { DecodeError } from "../decode-error.js"
import { readerOf } from "../test-support/reader-of.js"
import {
  beginDecoding,
  endDecoding,
  explained,
  type Reader,
  readLength,
  readTag,
  readVarint32,
  tooDeep,
} from "./reader.js"

/** A varint of so many bytes, all of whose bits are set. */
const ones = (size: number): number[] => [...new Array<number>(size - 1).fill(0xff), 0x7f]

type Read = (reader: Reader, position: number) => number

function refusesWhatIsCutOff(read: Read, bytes: readonly number[]): void {
  for (let size = 0; size < bytes.length; size++) {
    assert.throws(() => read(readerOf(Uint8Array.from(bytes.slice(0, size))), 0), DecodeError)
    const reader = readerOf(Uint8Array.from([...bytes, 0, 0]))
    reader.stop = size
    assert.throws(() => read(reader, 0), { name: "DecodeError", message: /ends in the middle of a field/ })
  }
}

describe("a varint of 32 bits", () => {
  it("is read as @bufbuild/protobuf writes it", () => {
    const bits = fc.tuple(fc.nat(32), fc.constantFrom(-1, 0, 1)).map(([bit, step]) => (2 ** bit + step) % 2 ** 32)
    fc.assert(
      fc.property(fc.oneof(bits, fc.nat(0xffffffff)), (value) => {
        const bytes = new BinaryWriter().uint32(value).finish()
        const reader = readerOf(Uint8Array.from([0x80, ...bytes, 0xff, 0xff]))
        assert.equal(readVarint32(reader, 1), value)
        assert.equal(reader.position, 1 + bytes.length)
      }),
    )
  })

  it("may have up to ten bytes, whose bits above 31 are dropped", () => {
    for (let size = 1; size <= 10; size++) {
      const reader = readerOf(Uint8Array.from([...ones(size), 0x05]))
      assert.equal(readVarint32(reader, 0), Math.min(2 ** (7 * size), 2 ** 32) - 1)
      assert.equal(reader.position, size)
    }
    for (const size of [11, 12, 20]) {
      assert.throws(() => readVarint32(readerOf(Uint8Array.from(ones(size))), 0), {
        name: "DecodeError",
        message: "a varint has more than ten bytes",
      })
    }
  })

  it("is refused where it is cut off", () => {
    for (let size = 1; size <= 10; size++) refusesWhatIsCutOff(readVarint32, ones(size))
  })
})

describe("a tag of several bytes", () => {
  it("fits 32 bits", () => {
    for (const [bytes, tag] of [
      [[0x88, 0x01], 0x88],
      [[0x88, 0x80, 0x00], 0x08],
      [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffffffff],
      [[0x88, 0x80, 0x80, 0x80, 0x00], 0x08],
    ] as const) {
      const reader = readerOf(Uint8Array.from([0x55, ...bytes, 0x01]))
      assert.equal(readTag(reader, 1), tag)
      assert.equal(reader.position, 1 + bytes.length)
    }
    for (const bytes of [
      [0xff, 0xff, 0xff, 0xff, 0x10],
      [0xff, 0xff, 0xff, 0xff, 0x7f],
      [0x88, 0x80, 0x80, 0x80, 0x80, 0x00],
    ]) {
      assert.throws(() => readTag(readerOf(Uint8Array.from(bytes)), 0), /a tag does not fit 32 bits/)
    }
  })
})

describe("a length", () => {
  const read =
    (stop: number): Read =>
    (reader, position) =>
      readLength(reader, position, Math.min(stop, reader.stop))

  it("says where what it measures ends, which is not behind what it stands in", () => {
    for (const [bytes, length] of [
      [[0], 0],
      [[5], 5],
      [[0x7f], 127],
      [[0x80, 0x01], 128],
      [[0xac, 0x02], 300],
    ] as const) {
      const end = 1 + bytes.length + length
      const reader = readerOf(Uint8Array.from([0x55, ...bytes, ...new Array<number>(400).fill(1)]))
      assert.equal(readLength(reader, 1, end), end)
      assert.equal(reader.position, 1 + bytes.length)
      assert.throws(() => readLength(reader, 1, end - 1), { name: "DecodeError", message: /in the middle of a field/ })
    }
  })

  it("is refused where it is cut off, and when it goes on beyond all bytes", () => {
    refusesWhatIsCutOff(read(1000), [0x80, 0x80, 0x00])
    assert.throws(() => readLength(readerOf(Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0x0f, 1])), 0, 6), DecodeError)
  })
})

describe("the reader of a decoding", () => {
  it("begins with what it is given, and with nothing of the one before", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4)
    const first = beginDecoding(bytes, 1, 3, true)
    assert.deepEqual([first.bytes, first.position, first.stop, first.depth, first.owned], [bytes, 1, 3, 100, true])
    first.groupEnds = new Map([[1, 2]])
    first.depth = 3
    const message = { some: "message" }
    assert.equal(endDecoding(first, message), message)
    assert.equal(first.bytes.length, 0, "the bytes are not kept")
    const second = beginDecoding(bytes, 0, 2, undefined)
    assert.deepEqual([second.depth, second.owned, second.groupEnds], [100, false, undefined])
  })

  it("lets go of the bytes when it fails, and explains what is a mistake in them", () => {
    const bytes = Uint8Array.of(0xff, 0x08, 0x80)
    const type = { typeName: "a.B", fields: () => [[1, "c", "varint"]] as const }
    const reader = beginDecoding(bytes, 1, 3, false)
    const other = new TypeError("a bug")
    assert.equal(explained(other, type, reader, 1), other)
    assert.equal(reader.bytes.length, 0)
    const mistake = explained(new DecodeError("x"), type, beginDecoding(bytes, 1, 3, false), 1)
    assert.equal((mistake as DecodeError).message, "a.B.c: byte 1: ends in the middle of a varint")
    const none = new DecodeError("x")
    assert.equal(explained(none, type, beginDecoding(bytes, 3, 3, false), 3), none)
  })

  it("says which message is nested too deep", () => {
    assert.equal(tooDeep("a.B").message, "a.B is nested more than 100 levels deep")
  })
})

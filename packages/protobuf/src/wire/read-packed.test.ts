import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { DecodeError } from "../decode-error.js"
import { readerOf } from "../test-support/reader-of.js"
import * as wire from "./index.js"
import type { Reader } from "./reader.js"

type Read<Value> = (reader: Reader, end: number, list: Value[]) => Value[]
type Write<Value> = (
  sink: { buffer: Uint8Array; start: number; limit: number },
  position: number,
  tag: number,
  list: readonly Value[],
  field: string,
) => number

/** The values alone, without tag and length. */
function packed<Value>(write: Write<Value>, list: readonly Value[]): Uint8Array {
  const sink = { buffer: new Uint8Array(16), start: 0, limit: 16 }
  const end = write(sink, 0, 0x0a, list, "field")
  let start = 1
  while (sink.buffer[start]! > 0x7f) start++
  return sink.buffer.slice(start + 1, end)
}

/** Lists around the places where another way begins: of scratch cells, and of DataViews. */
const LENGTHS = [1, 2, 23, 24, 25, 31, 32, 47, 48, 49, 1023, 1024, 1025, 2049]

function check<Value>(name: string, read: Read<Value>, write: Write<Value>, value: (i: number) => Value): void {
  it(`reads ${name} of every length, behind none and behind others`, () => {
    for (const length of LENGTHS) {
      const list = Array.from({ length }, (_, i) => value(i))
      const bytes = packed(write, list)
      assert.deepEqual(read(readerOf(bytes), bytes.length, []), list)
      assert.deepEqual(read(readerOf(bytes), bytes.length, [value(7), value(8)]), [value(7), value(8), ...list])
    }
  })

  it(`refuses ${name} that end too early`, () => {
    for (const length of [1, 1024, 1025]) {
      // The last value is one of several bytes, and half of it is missing.
      const bytes = packed(
        write,
        Array.from({ length }, (_, i) => value(i + 1)),
      )
      if (bytes.length <= length) continue
      assert.throws(() => read(readerOf(bytes.subarray(0, -1)), bytes.length - 1, []), DecodeError)
    }
  })
}

const SPREAD = 0x9e3779b1

describe("packed values", () => {
  check("int32", wire.readPackedInt32, wire.writePackedInt32, (i) => Math.imul(i, SPREAD) >> (i & 31))
  check("uint32", wire.readPackedUint32, wire.writePackedUint32, (i) => (Math.imul(i, SPREAD) >>> (i & 31)) >>> 0)
  check("sint32", wire.readPackedSint32, wire.writePackedSint32, (i) => Math.imul(i, SPREAD) >> (i & 31))
  check("bools", wire.readPackedBool, wire.writePackedBool, (i) => i % 3 === 0)
  const big = (i: number): bigint => (BigInt(i) * 0x9e3779b97f4a7c15n) >> BigInt(i & 63)
  check("int64", wire.readPackedInt64, wire.writePackedInt64, (i) => BigInt.asIntN(64, -big(i)))
  check("uint64", wire.readPackedUint64, wire.writePackedUint64, (i) => BigInt.asUintN(64, big(i)))
  check("sint64", wire.readPackedSint64, wire.writePackedSint64, (i) => BigInt.asIntN(64, -big(i)))
  check("fixed32", wire.readPackedFixed32, wire.writePackedFixed32, (i) => Math.imul(i, SPREAD) >>> 0)
  check("sfixed32", wire.readPackedSfixed32, wire.writePackedSfixed32, (i) => Math.imul(i, SPREAD))
  check("fixed64", wire.readPackedFixed64, wire.writePackedFixed64, (i) => BigInt.asUintN(64, big(i)))
  check("sfixed64", wire.readPackedSfixed64, wire.writePackedSfixed64, (i) => BigInt.asIntN(64, -big(i)))
  check("floats", wire.readPackedFloat, wire.writePackedFloat, (i) => Math.fround(i / 3 - 100))
  check("doubles", wire.readPackedDouble, wire.writePackedDouble, (i) => i / 3 - 100)

  it("are bools, whatever the varint of a true one", () => {
    const bytes = Uint8Array.from([0, 1, 2, 0x80, 0x00, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f])
    assert.deepEqual(wire.readPackedBool(readerOf(bytes), bytes.length, []), [false, true, true, false, true, true])
  })

  it("of a closed enum that it does not have are kept beside the list", () => {
    const bytes = packed(wire.writePackedInt32, [1, 5, 0, -1, 1])
    const known = new Set([0, 1])
    const list = [0]
    const unknown = wire.readPackedEnum(readerOf(bytes), bytes.length, list, known, 7, undefined)
    assert.deepEqual(list, [0, 1, 0, 1])
    assert.deepEqual(unknown, [
      { no: 7, wireType: 0, data: Uint8Array.of(5) },
      { no: 7, wireType: 0, data: Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 255, 1) },
    ])
    assert.equal(wire.readPackedEnum(readerOf(Uint8Array.of(1)), 1, list, known, 7, undefined), undefined)
  })

  it("that end inside the list, and not inside the message, are refused", () => {
    const bytes = Uint8Array.of(1, 0x80, 0x01, 0x01)
    for (const read of [
      wire.readPackedInt32,
      wire.readPackedUint32,
      wire.readPackedSint32,
      wire.readPackedBool,
      wire.readPackedInt64,
      wire.readPackedUint64,
      wire.readPackedSint64,
    ]) {
      assert.throws(() => (read as Read<unknown>)(readerOf(bytes), 2, []), DecodeError)
    }
  })

  it("of a fixed size lie anywhere in the message", () => {
    const fixed: readonly [
      read: Read<number> | Read<bigint>,
      write: Write<number> | Write<bigint>,
      one: number | bigint,
    ][] = [
      [wire.readPackedFixed32, wire.writePackedFixed32, 0xfedcba98],
      [wire.readPackedSfixed32, wire.writePackedSfixed32, -5],
      [wire.readPackedFixed64, wire.writePackedFixed64, 2n ** 64n - 5n],
      [wire.readPackedSfixed64, wire.writePackedSfixed64, -5n],
      [wire.readPackedFloat, wire.writePackedFloat, 1.5],
      [wire.readPackedDouble, wire.writePackedDouble, 1 / 3],
    ]
    for (const [read, write, one] of fixed) {
      for (const count of [1, 3, 60]) {
        const list = new Array<number | bigint>(count).fill(one)
        const bytes = packed(write as Write<number | bigint>, list)
        // Behind so many bytes that a sum of places is no multiple of a value's size.
        const reader = readerOf(Uint8Array.from([0xff, 0xff, 0xff, ...bytes, 0xff, 0xff]))
        reader.position = 3
        assert.deepEqual((read as Read<number | bigint>)(reader, 3 + bytes.length, []), list)
      }
    }
  })
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { BinaryWriter } from "@bufbuild/protobuf/wire"
import fc from "fast-check"
import type { ByteSink } from "../codec.js"
import { functionOf, scalarKinds } from "../test-support/scalar-kinds.js"
import * as scalars from "./write-scalar.js"

type Writer = (sink: ByteSink, position: number, tag: number, value: unknown, field: string) => number

/** Tags of one byte, of two, and of as many as there can be. */
const tags = fc.constantFrom(0x08, 0x78, 0x80, 0x3ff8, 0x1ffff8, 0xffffff8, 0xffffffff)

/** What stands in a sink already, behind what is somebody else's. */
const before = Uint8Array.of(0xaa, 0xbb, 1, 2, 3)

/** The room that a value is given: its tag's five bytes, and as many as it or its length may have. */
function mostOf(value: unknown): number {
  return value instanceof Uint8Array || Array.isArray(value) ? value.length + 10 : 15
}

/** A field alone, written behind others into a sink with `room` bytes left. */
function written(write: Writer, tag: number, value: unknown, room: number): Uint8Array {
  const buffer = new Uint8Array(before.length + room)
  buffer.set(before)
  const sink: ByteSink = { buffer, start: 2, limit: buffer.length }
  const end = write(sink, before.length, tag, value, "shop.Order.number")
  assert.deepEqual(sink.buffer.subarray(2, before.length), before.subarray(2))
  assert.ok(end <= sink.limit, "it wrote where it may not")
  if (room >= mostOf(value)) assert.equal(sink.buffer, buffer, "there was room enough")
  return sink.buffer.slice(before.length, end)
}

describe("scalar fields", () => {
  for (const { name, values, wrong, refusal } of scalarKinds) {
    const write = functionOf<Writer>(scalars, "write", name)

    it(`of ${name} are written as @bufbuild/protobuf does, whatever room there is`, () => {
      fc.assert(
        fc.property(tags, values, fc.nat(18), (tag, value, room) => {
          const expected = new BinaryWriter()
            .uint32(tag)
            [name](value as never)
            .finish()
          assert.deepEqual(written(write, tag, value, room), expected)
        }),
        { numRuns: 150 },
      )
    })

    it(`of ${name} are refused by the field's name`, () => {
      assert.throws(() => written(write, 8, wrong, 20), { message: `shop.Order.number: ${refusal}` })
    })

    if (!["bool", "float", "double"].includes(name)) {
      it(`of ${name} may be decimal strings, as @bufbuild/protobuf has it`, () => {
        const value = name.endsWith("64") ? 300n : 300
        assert.deepEqual(written(write, 8, "300", 20), written(write, 8, value, 20))
      })
    }
  }

  it("have a byte more from each seventh bit on", () => {
    for (const value of [0, 1, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456]) {
      for (const name of ["int32", "uint32", "sint32"] as const) {
        const write = functionOf<Writer>(scalars, "write", name)
        for (const number of name === "sint32" ? [value / 2, -(value + 1) / 2].filter(Number.isInteger) : [value]) {
          assert.deepEqual(written(write, 8, number, 20), new BinaryWriter().uint32(8)[name](number).finish())
        }
      }
    }
  })

  it("of 64 bits may be numbers that are whole", () => {
    for (const name of ["int64", "uint64", "sint64", "fixed64", "sfixed64"] as const) {
      const write = functionOf<Writer>(scalars, "write", name)
      assert.deepEqual(written(write, 8, 2 ** 40, 20), written(write, 8, 2n ** 40n, 20))
    }
  })

  it("of float are all that round to a finite number, and those that are none", () => {
    const most = 3.4028234663852886e38
    for (const value of [most, -most, most * (1 + 2 ** -26), Number.POSITIVE_INFINITY, -Infinity, Number.NaN, -0]) {
      const expected = new Uint8Array(5)
      expected[0] = 0x0d
      new DataView(expected.buffer).setFloat32(1, value, true)
      assert.deepEqual(written(scalars.writeFloat as Writer, 0x0d, value, 20), expected)
    }
    for (const value of [most * 1.01, -most * 1.01, Number.MAX_VALUE]) {
      assert.throws(() => written(scalars.writeFloat as Writer, 0x0d, value, 20), {
        name: "RangeError",
        message: `shop.Order.number: ${value} is not a float`,
      })
    }
  })

  it("of bytes are written whatever their length, and whatever room there is", () => {
    const write = scalars.writeBytes as Writer
    for (const length of [0, 1, 7, 8, 9, 127, 128, 20_000]) {
      const value = Uint8Array.from({ length }, (_, i) => i * 7)
      for (const tag of [0x0a, 0xfffffffa]) {
        const expected = new BinaryWriter().uint32(tag).bytes(value).finish()
        for (const room of [0, 10, length + 5, length + 10, length + 30]) {
          assert.deepEqual(written(write, tag, value, room), expected)
          assert.deepEqual(written(write, tag, [...value], room), expected, "an initialiser's array")
        }
      }
    }
    assert.throws(() => written(write, 0x0a, "ab", 20), {
      name: "TypeError",
      message: 'shop.Order.number: "ab" is not a Uint8Array',
    })
  })
})

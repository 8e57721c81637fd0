import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { BinaryWriter } from "@bufbuild/protobuf/wire"
import fc from "fast-check"
import { DecodeError } from "../decode-error.js"
import { readerOf } from "../test-support/reader-of.js"
import { functionOf, scalarKinds } from "../test-support/scalar-kinds.js"
import * as scalars from "./read-scalar.js"
import type { Reader } from "./reader.js"

/** What is behind a field, which must not be taken for a part of it. */
const behind = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]

describe("scalars", () => {
  for (const { name, values } of scalarKinds) {
    if (/^[us]?int32$/.test(name)) continue // read by the generated code, and by readVarint32
    it(`of ${name} are read as @bufbuild/protobuf writes them`, () => {
      fc.assert(
        fc.property(values, (value) => {
          const bytes = new BinaryWriter()[name](value as never).finish()
          const all = Uint8Array.from([0x55, ...bytes, ...behind])
          if (name === "bool" || name.endsWith("int64")) {
            const reader = readerOf(all)
            assert.equal(functionOf<(reader: Reader, at: number) => unknown>(scalars, "read", name)(reader, 1), value)
            assert.equal(reader.position, 1 + bytes.length)
          } else {
            const read = functionOf<(bytes: Uint8Array, at: number) => unknown>(scalars, "read", name)
            assert.ok(Object.is(read(all, 1), value))
          }
        }),
        { numRuns: 150 },
      )
    })
  }

  it("of sint32 are unfolded from what is written", () => {
    for (const [written, value] of [
      [0, 0],
      [1, -1],
      [2, 1],
      [3, -2],
      [0xfffffffe, 2147483647],
      [0xffffffff, -2147483648],
    ]) {
      assert.equal(scalars.unzigzag(written!), value)
    }
  })

  it("of bool are true by any bit of their varint", () => {
    for (let bit = 0; bit < 64; bit++) {
      const bytes = new BinaryWriter().uint64(1n << BigInt(bit)).finish()
      assert.equal(scalars.readBool(readerOf(bytes), 0), true)
    }
    assert.equal(scalars.readBool(readerOf(Uint8Array.of(0x80, 0x80, 0)), 0), false)
  })

  it("that end too early are refused, whatever is behind them", () => {
    for (let size = 1; size <= 10; size++) {
      const bytes = new Uint8Array(size).fill(0x80)
      bytes[size - 1] = 1
      assert.equal(scalars.readUint64(readerOf(bytes), 0), 1n << BigInt(7 * (size - 1)))
      assert.throws(() => scalars.readUint64(readerOf(bytes.subarray(0, -1)), 0), DecodeError)
      const reader = readerOf(bytes)
      reader.stop--
      assert.throws(() => scalars.readUint64(reader, 0), /ends in the middle of a field/)
    }
  })

  it("of more than ten bytes are refused", () => {
    const bytes = new Uint8Array(12).fill(0x80)
    bytes[10] = 1
    assert.throws(() => scalars.readUint64(readerOf(bytes), 0), /more than ten bytes/)
  })
})

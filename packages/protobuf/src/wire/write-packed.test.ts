import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { BinaryWriter } from "@bufbuild/protobuf/wire"
import fc from "fast-check"
import type { ByteSink } from "../codec.js"
import * as packed from "./write-packed.js"

type Writer = (sink: ByteSink, position: number, tag: number, list: never, field: string) => number

interface Packed {
  readonly write: Writer
  /** What BinaryWriter calls it. */
  readonly theirs: "bool" | "double" | "float" | `${"" | "s" | "u"}int${32 | 64}` | `${"" | "s"}fixed${32 | 64}`
  readonly values: fc.Arbitrary<unknown>
  readonly wrong: unknown
  readonly refusal: string
}

/** Around each power of two there is a varint of one more byte, or a value that no longer fits. */
const near = (min: bigint, max: bigint): fc.Arbitrary<bigint> =>
  fc
    .tuple(fc.nat(64), fc.constantFrom(-1n, 0n, 1n), fc.boolean())
    .map(([bits, step, negative]) => (negative ? -1n : 1n) * ((1n << BigInt(bits)) + step))
    .filter((value) => value >= min && value <= max)

const int32 = near(-(2n ** 31n), 2n ** 31n - 1n).map(Number)
const uint32 = near(0n, 2n ** 32n - 1n).map(Number)
const int64 = near(-(2n ** 63n), 2n ** 63n - 1n)
const uint64 = near(0n, 2n ** 64n - 1n)

const kinds: readonly Packed[] = [
  {
    write: packed.writePackedInt32,
    theirs: "int32",
    values: int32,
    wrong: 2 ** 31,
    refusal: "2147483648 is not an int32",
  },
  { write: packed.writePackedUint32, theirs: "uint32", values: uint32, wrong: -1, refusal: "-1 is not a uint32" },
  { write: packed.writePackedSint32, theirs: "sint32", values: int32, wrong: 0.5, refusal: "0.5 is not an int32" },
  { write: packed.writePackedBool, theirs: "bool", values: fc.boolean(), wrong: 1, refusal: "1 is not a bool" },
  {
    write: packed.writePackedInt64,
    theirs: "int64",
    values: int64,
    wrong: 2n ** 63n,
    refusal: "9223372036854775808n is not an int64",
  },
  { write: packed.writePackedUint64, theirs: "uint64", values: uint64, wrong: -1n, refusal: "-1n is not a uint64" },
  { write: packed.writePackedSint64, theirs: "sint64", values: int64, wrong: null, refusal: "null is not an int64" },
  { write: packed.writePackedFixed32, theirs: "fixed32", values: uint32, wrong: -1, refusal: "-1 is not a uint32" },
  {
    write: packed.writePackedSfixed32,
    theirs: "sfixed32",
    values: int32,
    wrong: 2 ** 31,
    refusal: "2147483648 is not an int32",
  },
  {
    write: packed.writePackedFixed64,
    theirs: "fixed64",
    values: uint64,
    wrong: {},
    refusal: "an object is not a uint64",
  },
  {
    write: packed.writePackedSfixed64,
    theirs: "sfixed64",
    values: int64,
    wrong: 2n ** 63n,
    refusal: "9223372036854775808n is not an int64",
  },
  { write: packed.writePackedFloat, theirs: "float", values: fc.float(), wrong: "1", refusal: '"1" is not a float' },
  {
    write: packed.writePackedDouble,
    theirs: "double",
    values: fc.double(),
    wrong: "1",
    refusal: '"1" is not a double',
  },
] as readonly Packed[]

/** On both sides of a DataView, of a batch, and of a length of two bytes. */
const lengths = fc.constantFrom(1, 2, 31, 32, 33, 63, 64, 65, 130, 300)

function written(write: Writer, list: readonly unknown[], room = 0): Uint8Array {
  const sink: ByteSink = { buffer: new Uint8Array(room), start: 0, limit: room }
  const end = write(sink, 0, 0x0a, list as never, "shop.Order.numbers")
  return sink.buffer.slice(0, end)
}

describe("packed values", () => {
  for (const { write, theirs, values, wrong, refusal } of kinds) {
    it(`of ${theirs} are written as @bufbuild/protobuf does, whatever room there is`, () => {
      const lists = lengths.chain((length) => fc.array(values, { minLength: length, maxLength: length }))
      fc.assert(
        fc.property(lists, fc.nat(700), (list, room) => {
          const writer = new BinaryWriter().uint32(0x0a).fork()
          for (const value of list) writer[theirs](value as never)
          assert.deepEqual(written(write, list, room), writer.join().finish())
        }),
        { numRuns: 40 },
      )
    })

    it(`of ${theirs} are refused by the field's name, in short lists and in long ones`, () => {
      const [right] = fc.sample(values, 1)
      for (const before of [0, 40]) {
        const list = [...new Array<unknown>(before).fill(right), wrong]
        assert.throws(() => written(write, list), { message: `shop.Order.numbers: ${refusal}` })
      }
      assert.throws(() => written(write, "12" as never), { message: 'shop.Order.numbers: "12" is not an array' })
    })

    it(`of ${theirs}: none are nothing`, () => assert.equal(written(write, []).length, 0))
  }

  it("may be decimal strings where they are integers, as @bufbuild/protobuf has it", () => {
    for (const { write, theirs } of kinds) {
      if (theirs === "bool" || theirs === "float" || theirs === "double") continue
      for (const before of [0, 40]) {
        const numbers = new Array<unknown>(before).fill(theirs.endsWith("64") ? 7n : 7)
        const expected = written(write, [...numbers, theirs.endsWith("64") ? 300n : 300])
        assert.deepEqual(written(write, [...numbers, "300"]), expected, theirs)
      }
    }
  })
})

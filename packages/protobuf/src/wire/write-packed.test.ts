import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { BinaryWriter } from "@bufbuild/protobuf/wire"
import fc from "fast-check"
import type { ByteSink } from "../codec.js"
import { functionOf, scalarKinds } from "../test-support/scalar-kinds.js"
import * as packed from "./write-packed.js"

type Writer = (sink: ByteSink, position: number, tag: number, list: never, field: string) => number

/** On both sides of a DataView, of a batch, and of a length of two bytes. */
const lengths = fc.constantFrom(1, 2, 31, 32, 33, 63, 64, 65, 130, 300)

function written(write: Writer, list: readonly unknown[], room = 0): Uint8Array {
  const buffer = new Uint8Array(room)
  const sink: ByteSink = { buffer, start: 0, limit: room }
  const end = write(sink, 0, 0x0a, list as never, "shop.Order.numbers")
  // A batch of varints is given ten bytes each; values of a fixed size are measured.
  if (room >= 2 + 64 * 10 && end <= 60) assert.equal(sink.buffer, buffer, "there was room enough")
  return sink.buffer.slice(0, end)
}

describe("packed values", () => {
  for (const { name, values, wrong, refusal } of scalarKinds) {
    const write = functionOf<Writer>(packed, "writePacked", name)

    it(`of ${name} are written as @bufbuild/protobuf does, whatever room there is`, () => {
      const lists = lengths.chain((length) => fc.array(values, { minLength: length, maxLength: length }))
      fc.assert(
        fc.property(lists, fc.nat(700), (list, room) => {
          const writer = new BinaryWriter().uint32(0x0a).fork()
          for (const value of list) writer[name](value as never)
          assert.deepEqual(written(write, list, room), writer.join().finish())
        }),
        { numRuns: 40 },
      )
    })

    it(`of ${name} are refused by the field's name, in short lists and in long ones`, () => {
      const [right] = fc.sample(values, 1)
      for (const before of [0, 40]) {
        const list = [...new Array<unknown>(before).fill(right), wrong]
        assert.throws(() => written(write, list), { message: `shop.Order.numbers: ${refusal}` })
      }
      assert.throws(() => written(write, "12" as never), { message: 'shop.Order.numbers: "12" is not an array' })
    })

    it(`of ${name}: none are nothing`, () => assert.equal(written(write, []).length, 0))
  }

  it("may be decimal strings where they are integers, as @bufbuild/protobuf has it", () => {
    for (const { name } of scalarKinds) {
      if (name === "bool" || name === "float" || name === "double") continue
      const write = functionOf<Writer>(packed, "writePacked", name)
      for (const before of [0, 40]) {
        const numbers = new Array<unknown>(before).fill(name.endsWith("64") ? 7n : 7)
        const expected = written(write, [...numbers, name.endsWith("64") ? 300n : 300])
        assert.deepEqual(written(write, [...numbers, "300"]), expected, name)
      }
    }
  })
})

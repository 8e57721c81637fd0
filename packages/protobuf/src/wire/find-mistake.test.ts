import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { DecodeError } from "../decode-error.js"
import type { Described } from "../field-table.js"
import { fromBinary, type MessageCodec } from "../index.js"
import { FieldOptionsCodec, SourceCodeInfo_LocationCodec, StructCodec, TypeCodec, ValueCodec } from "../wkt.js"
import { findMistake } from "./find-mistake.js"

const inner: Described = {
  typeName: "t.Inner",
  fields: () => [
    [1, "n", "varint"],
    [2, "s", "string"],
  ],
}

const outer: Described = {
  typeName: "t.Outer",
  fields: () => [
    [1, "id", "varint"],
    [2, "f32", "fixed32"],
    [3, "f64", "fixed64"],
    [4, "text", "string"],
    [5, "raw", "bytes"],
    [6, "ints", "varints"],
    [7, "words", "fixed32s"],
    [8, "longs", "fixed64s"],
    [9, "inner", inner],
    [10, "group", inner, "group"],
    [11, "by_name", "map", "string", inner],
    [12, "names", "map", "varint", "string"],
  ],
}

const self: Described = {
  typeName: "t.Self",
  fields: () => [
    [1, "self", self],
    [2, "group", self, "group"],
    [3, "map", "map", "varint", self],
  ],
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"))
}

/** What is found in a message that stands among other bytes. */
function found(type: Described, bytes: Uint8Array): string | undefined {
  return findMistake(type, Uint8Array.of(0x80, ...bytes, 0x80), 1, 1 + bytes.length)?.message
}

describe("a mistake is found where it begins", () => {
  const cases: readonly [hex: string, mistake: string][] = [
    ["00 01", "t.Outer: byte 0: there is no field number 0"],
    ["08 01 07", "t.Outer: byte 2: there is no field number 0"],
    ["80", "t.Outer: byte 0: ends in the middle of a varint"],
    ["80 80 80 80 10", "t.Outer: byte 0: a tag does not fit 32 bits"],
    ["88 80 80 80 80 00", "t.Outer: byte 0: a tag does not fit 32 bits"],
    ["ff ff ff ff 0f", "t.Outer, field 536870911: byte 0: there is no wire type 7"],
    ["0e", "t.Outer.id: byte 0: there is no wire type 6"],
    ["08", "t.Outer.id: byte 1: ends in the middle of a varint"],
    ["08 80", "t.Outer.id: byte 1: ends in the middle of a varint"],
    ["08 80808080808080808080 01", "t.Outer.id: byte 1: a varint of more than ten bytes"],
    ["a0 06 80", "t.Outer, field 100: byte 2: ends in the middle of a varint"],
    ["15 000000", "t.Outer.f32: byte 1: ends after 3 of 4 bytes"],
    ["19 00000000000000", "t.Outer.f64: byte 1: ends after 7 of 8 bytes"],
    ["22 02 61", "t.Outer.text: byte 1: a length of 2 bytes, where 1 are left"],
    ["22 ffffffff0f 61", "t.Outer.text: byte 1: a length of 4294967295 bytes, where 1 are left"],
    ["22 03 61 c3 28", "t.Outer.text: byte 3: invalid UTF-8"],
    ["32 03 01 01 80 01", "t.Outer.ints: byte 4: ends in the middle of a varint"],
    ["3a 03 000000", "t.Outer.words: byte 2: 3 bytes of packed values, of 4 bytes each"],
    ["42 0c 000000000000000000000000", "t.Outer.longs: byte 2: 12 bytes of packed values, of 8 bytes each"],
    // In a message, which ends before the one around it.
    ["4a 02 08 80 01", "t.Inner.n: byte 3: ends in the middle of a varint"],
    ["4a 03 12 02 61 62", "t.Inner.s: byte 3: a length of 2 bytes, where 1 are left"],
    ["4a 01 00", "t.Inner: byte 2: there is no field number 0"],
    ["4a 00 08 80", "t.Outer.id: byte 3: ends in the middle of a varint"],
    // In groups that are known, and in those that are not.
    ["53 12 01 ff 54", "t.Inner.s: byte 3: invalid UTF-8"],
    ["53 08 01", "t.Outer.group: byte 0: a group that does not end"],
    ["08 01 53 08 01", "t.Outer.group: byte 2: a group that does not end"],
    ["53 08 01 5c", "t.Outer.group: byte 3: group 11 ends inside group 10"],
    ["53 07 54", "t.Outer.group: byte 1: there is no field number 0"],
    ["54", "t.Outer.group: byte 0: a group ends that was not begun"],
    ["53 54 54", "t.Outer.group: byte 2: a group ends that was not begun"],
    ["a3 06 08 80", "t.Outer, field 100: byte 3: ends in the middle of a varint"],
    ["a3 06 12 01 ff 0b 12 05", "t.Outer, field 100: byte 7: a length of 5 bytes, where 0 are left"],
    ["a3 06 0b 0c 0f", "t.Outer, field 100: byte 4: there is no wire type 7"],
    // In a map's entries.
    ["5a 02 0a 05 61", "t.Outer.by_name.key: byte 3: a length of 5 bytes, where 0 are left"],
    ["5a 03 0a 01 ff", "t.Outer.by_name.key: byte 4: invalid UTF-8"],
    ["5a 04 12 02 08 80", "t.Inner.n: byte 5: ends in the middle of a varint"],
    ["62 03 08 01 12", "t.Outer.names.value: byte 5: ends in the middle of a varint"],
    ["62 03 12 01 ff", "t.Outer.names.value: byte 4: invalid UTF-8"],
    ["62 03 18 80 80", "t.Outer.names, field 3: byte 3: ends in the middle of a varint"],
    ["62 01 07", "t.Outer.names: byte 2: there is no field number 0"],
    ["62 02 08 01 62 02 08 80", "t.Outer.names.key: byte 7: ends in the middle of a varint"],
  ]
  for (const [hex, mistake] of cases) {
    it(`${hex}: ${mistake}`, () => assert.equal(found(outer, bytesOf(hex)), mistake))
  }

  it("in a type whose fields nobody knows, too", () => {
    assert.equal(
      found({ typeName: "t.Bare" }, bytesOf("08 80")),
      "t.Bare, field 1: byte 1: ends in the middle of a varint",
    )
  })

  it("in its own properties, and in its text", () => {
    const { field, position } = findMistake(outer, bytesOf("ff 08 01 22 01 ff"), 1, 6)!
    assert.deepEqual([field, position], ["t.Outer.text", 4])
  })
})

describe("no mistake is found", () => {
  const cases = [
    "",
    "08 01",
    "08 80808080808080808001",
    "88 80 80 80 00 01", // a tag that is longer than it need be
    "f8 ff ff ff 0f 01",
    "15 00000000",
    "19 0000000000000000",
    "22 02 c3a4",
    "22 81 80 80 80 80 00 61", // a length that is longer than it need be
    "22 81 80 80 80 80 01 61", // and one with bits that nobody reads
    "2a 02 c328",
    "32 00",
    "32 03 01 80 01",
    "3a 08 0000000000000000",
    "42 10 00000000000000000000000000000000",
    "0a 01 80", // another wire type than the field's: an unknown field
    "20 80 01",
    "4a 02 08 01",
    "53 08 01 12 01 61 54",
    "52 02 ff ff",
    "a3 06 12 01 ff 0b 12 01 80 0c a4 06",
    "5a 07 0a 01 61 12 02 08 01",
    "5a 00",
    "62 05 12 01 61 08 01",
  ]
  for (const hex of cases) it(`in ${hex || "nothing"}`, () => assert.equal(found(outer, bytesOf(hex)), undefined))
})

describe("nesting", () => {
  const length = (bytes: readonly number[]): readonly number[] =>
    bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]
  const wrappings: readonly [what: string, wrap: (bytes: readonly number[]) => readonly number[]][] = [
    ["messages", (bytes) => [0x0a, ...length(bytes), ...bytes]],
    ["groups", (bytes) => [0x13, ...bytes, 0x14]],
    ["groups that are not known", (bytes) => [0x23, ...bytes, 0x24]],
    [
      "values of maps",
      (bytes) => [0x1a, ...length([0x12, ...length(bytes), ...bytes]), 0x12, ...length(bytes), ...bytes],
    ],
  ]
  for (const [what, wrap] of wrappings) {
    it(`of ${what} is no mistake 100 levels deep, and one level deeper it is`, () => {
      let bytes: readonly number[] = []
      for (let level = 1; level < 100; level++) bytes = wrap(bytes)
      assert.equal(found(self, Uint8Array.from(bytes)), undefined)
      assert.match(found(self, Uint8Array.from(wrap(bytes)))!, /nested more than 100 levels deep$/)
    })
  }
})

describe("a mistake is found", () => {
  const codecs = [FieldOptionsCodec, SourceCodeInfo_LocationCodec, StructCodec, TypeCodec, ValueCodec]
  /** Bytes that are a message now and then: tags of small field numbers, and small lengths. */
  const byte = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(0x08, 0x0a, 0x0b, 0x0c, 0x12, 0x1a, 0x22, 0x2a, 0x32, 0x48) },
    { weight: 3, arbitrary: fc.nat(6) },
    { weight: 1, arbitrary: fc.nat(255) },
  )

  it("where a codec refuses bytes, and in no others", () => {
    fc.assert(
      fc.property(fc.constantFrom(...(codecs as unknown as MessageCodec<unknown>[])), fc.array(byte), (codec, list) => {
        const bytes = Uint8Array.from(list)
        let error: unknown
        try {
          fromBinary(codec, bytes)
        } catch (thrown) {
          error = thrown
        }
        if (error === undefined) assert.equal(findMistake(codec, bytes, 0, bytes.length), undefined)
        else assert.ok(error instanceof DecodeError && error.position !== undefined, String(error))
      }),
      { numRuns: 500 },
    )
  })
})

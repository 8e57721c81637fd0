import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Value } from "@bufbuild/protobuf/wkt"
import { type ByteSink, DecodeError, fromBinary, type MessageCodec, toBinary } from "./index.js"
import {
  AnyCodec,
  BoolValueCodec,
  BytesValueCodec,
  DoubleValueCodec,
  FieldMaskCodec,
  FieldOptionsCodec,
  FloatValueCodec,
  Int32ValueCodec,
  Int64ValueCodec,
  SourceCodeInfo_LocationCodec,
  StringValueCodec,
  StructCodec,
  TimestampCodec,
  TypeCodec,
  UInt32ValueCodec,
  UInt64ValueCodec,
  UninterpretedOption_NamePartCodec,
  ValueCodec,
} from "./wkt.js"

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
}

describe("values on the wire", () => {
  // The encoding guide's rules, by their bytes.
  const cases: [codec: MessageCodec<never, { value?: unknown }>, value: unknown, expected: string][] = [
    [Int32ValueCodec, 150, "089601"],
    [Int32ValueCodec, -1, "08ffffffffffffffffff01"],
    [Int32ValueCodec, -2147483648, "0880808080f8ffffffff01"],
    [Int32ValueCodec, 2147483647, "08ffffffff07"],
    [Int32ValueCodec, "-2", "08feffffffffffffffff01"],
    [Int32ValueCodec, 0, ""],
    [UInt32ValueCodec, 4294967295, "08ffffffff0f"],
    [Int64ValueCodec, 1n, "0801"],
    [Int64ValueCodec, -1n, "08ffffffffffffffffff01"],
    [Int64ValueCodec, 2n ** 63n - 1n, "08ffffffffffffffff7f"],
    [Int64ValueCodec, -(2n ** 63n), "0880808080808080808001"],
    [Int64ValueCodec, 12345678901, "08b5b8f0fe2d"],
    [Int64ValueCodec, "12345678901", "08b5b8f0fe2d"],
    [UInt64ValueCodec, 2n ** 64n - 1n, "08ffffffffffffffffff01"],
    [UInt64ValueCodec, 0n, ""],
    [DoubleValueCodec, 1, "09000000000000f03f"],
    [DoubleValueCodec, -0, "090000000000000080"],
    [DoubleValueCodec, 0, ""],
    [FloatValueCodec, 0.5, "0d0000003f"],
    [BoolValueCodec, true, "0801"],
    [StringValueCodec, "grün", "0a056772c3bc6e"],
    [BytesValueCodec, Uint8Array.of(1, 2), "0a020102"],
    [BytesValueCodec, [1, 2], "0a020102"],
  ] as never
  for (const [codec, value, expected] of cases) {
    it(`${codec.typeName} ${typeof value} ${String(value)} is ${expected || "nothing"}`, () => {
      assert.equal(hex(toBinary(codec, { value })), expected)
    })
  }
})

describe("values that do not fit", () => {
  const cases: [codec: MessageCodec<never, { value?: unknown }>, value: unknown, error: string][] = [
    [Int32ValueCodec, 1.5, "RangeError: google.protobuf.Int32Value.value: 1.5 is not an int32"],
    [Int32ValueCodec, 2147483648, "RangeError: google.protobuf.Int32Value.value: 2147483648 is not an int32"],
    [Int32ValueCodec, Number.NaN, "RangeError: google.protobuf.Int32Value.value: NaN is not an int32"],
    [Int32ValueCodec, true, "TypeError: google.protobuf.Int32Value.value: true is not an int32"],
    [Int32ValueCodec, "", 'TypeError: google.protobuf.Int32Value.value: "" is not an int32'],
    [Int32ValueCodec, "1.5", 'RangeError: google.protobuf.Int32Value.value: "1.5" is not an int32'],
    [
      Int32ValueCodec,
      "STATE_OPEN",
      'RangeError: google.protobuf.Int32Value.value: "STATE_OPEN" is not an int32; ' +
        "a value of an enum is a number, State.OPEN for instance, and not its name",
    ],
    [UInt32ValueCodec, -1, "RangeError: google.protobuf.UInt32Value.value: -1 is not a uint32"],
    [Int64ValueCodec, 2n ** 63n, "RangeError: google.protobuf.Int64Value.value: 9223372036854775808n is not an int64"],
    [Int64ValueCodec, 0.5, "RangeError: google.protobuf.Int64Value.value: 0.5 is not an int64"],
    [Int64ValueCodec, "0x10", 'RangeError: google.protobuf.Int64Value.value: "0x10" is not an int64'],
    [Int64ValueCodec, {}, "TypeError: google.protobuf.Int64Value.value: an object is not an int64"],
    [UInt64ValueCodec, -1n, "RangeError: google.protobuf.UInt64Value.value: -1n is not a uint64"],
    [FloatValueCodec, 1e39, "RangeError: google.protobuf.FloatValue.value: 1e+39 is not a float"],
    [FloatValueCodec, "1", 'TypeError: google.protobuf.FloatValue.value: "1" is not a float'],
    [DoubleValueCodec, "1", 'TypeError: google.protobuf.DoubleValue.value: "1" is not a double'],
    [UInt64ValueCodec, [1], "TypeError: google.protobuf.UInt64Value.value: an array is not a uint64"],
    [
      Int64ValueCodec,
      "x".repeat(50),
      `RangeError: google.protobuf.Int64Value.value: "${"x".repeat(40)}…" is not an int64`,
    ],
    [BoolValueCodec, 1, "TypeError: google.protobuf.BoolValue.value: 1 is not a bool"],
    [StringValueCodec, 1, "TypeError: google.protobuf.StringValue.value: 1 is not a string"],
    [BytesValueCodec, "ab", 'TypeError: google.protobuf.BytesValue.value: "ab" is not a Uint8Array'],
  ] as never
  for (const [codec, value, error] of cases) {
    it(error, () => assert.throws(() => toBinary(codec, { value }), errorOf(error)))
  }

  it("are named in lists and maps, and as messages, too", () => {
    const named: [codec: MessageCodec<never, unknown>, init: unknown, error: string][] = [
      [FieldMaskCodec, { paths: ["a", 5] }, "TypeError: google.protobuf.FieldMask.paths: 5 is not a string"],
      [FieldMaskCodec, { paths: "a" }, 'TypeError: google.protobuf.FieldMask.paths: "a" is not an array'],
      [
        StructCodec,
        { fields: new Map() },
        "TypeError: google.protobuf.Struct.fields: a Map is not an object with a property for each key",
      ],
      [
        StructCodec,
        { fields: { a: 1 } },
        "TypeError: cannot encode 1 as google.protobuf.Value: a message or its initialiser is wanted",
      ],
      [FieldMaskCodec, { paths: {} }, "TypeError: google.protobuf.FieldMask.paths: an object is not an array"],
      [
        UninterpretedOption_NamePartCodec,
        { isExtension: false },
        "TypeError: google.protobuf.UninterpretedOption.NamePart.name_part: a required field is not set",
      ],
      [
        TimestampCodec,
        undefined,
        "TypeError: cannot encode undefined as google.protobuf.Timestamp: a message or its initialiser is wanted",
      ],
      [
        TimestampCodec,
        new Date(),
        "TypeError: cannot encode a Date as google.protobuf.Timestamp: " +
          "timestampFromDate(date) of @bufbuild/protobuf/wkt makes one",
      ],
      [
        TimestampCodec,
        { $typeName: "google.protobuf.Duration" },
        "TypeError: cannot encode a message of type google.protobuf.Duration as google.protobuf.Timestamp",
      ],
    ] as never
    for (const [codec, init, error] of named) assert.throws(() => toBinary(codec, init), errorOf(error))
  })

  function errorOf(text: string): { name: string; message: string } {
    const at = text.indexOf(": ")
    return { name: text.slice(0, at), message: text.slice(at + 2) }
  }
})

describe("malformed bytes", () => {
  const cases: [codec: MessageCodec<unknown, never>, bytes: string, message: string][] = [
    // Each by its name after google.protobuf.
    [StringValueCodec, "0a05 61", "StringValue.value: byte 1: a length of 5 bytes, where 1 are left"],
    [StringValueCodec, "0a ffffffff0f 61", "StringValue.value: byte 1: a length of 4294967295 bytes, where 1 are left"],
    [StringValueCodec, "0a 8080808008 61", "StringValue.value: byte 1: a length of 2147483648 bytes, where 1 are left"],
    [StringValueCodec, "0a04 61c32861", "StringValue.value: byte 3: invalid UTF-8"],
    [StringValueCodec, "0a02 61e2", "StringValue.value: byte 3: invalid UTF-8"],
    [StringValueCodec, "0a", "StringValue.value: byte 1: ends in the middle of a varint"],
    [Int32ValueCodec, "08", "Int32Value.value: byte 1: ends in the middle of a varint"],
    [Int32ValueCodec, "08 ffffffffffffffffffff01", "Int32Value.value: byte 1: a varint of more than ten bytes"],
    [Int64ValueCodec, "08 ffffffffffffffffffff01", "Int64Value.value: byte 1: a varint of more than ten bytes"],
    [DoubleValueCodec, "09 00000000000000", "DoubleValue.value: byte 1: ends after 7 of 8 bytes"],
    [FloatValueCodec, "0d", "FloatValue.value: byte 1: ends after 0 of 4 bytes"],
    [Int32ValueCodec, "08 05 00", "Int32Value: byte 2: there is no field number 0"],
    [Int32ValueCodec, "0f", "Int32Value.value: byte 0: there is no wire type 7"],
    [Int32ValueCodec, "0e", "Int32Value.value: byte 0: there is no wire type 6"],
    [Int32ValueCodec, "0c", "Int32Value.value: byte 0: a group ends that was not begun"],
    [Int32ValueCodec, "ffffffffff01", "Int32Value: byte 0: a tag does not fit 32 bits"],
    [Int32ValueCodec, "ff", "Int32Value: byte 0: ends in the middle of a varint"],
    [Int32ValueCodec, "13 14 1b 08 01 24", "Int32Value, field 3: byte 5: group 4 ends inside group 3"],
    [Int32ValueCodec, "13 08 01", "Int32Value, field 2: byte 0: a group that does not end"],
    [Int32ValueCodec, "13 08 80", "Int32Value, field 2: byte 2: ends in the middle of a varint"],
    [Int32ValueCodec, "10 ffffffffffffffffffff01", "Int32Value, field 2: byte 1: a varint of more than ten bytes"],
    // A message may not end inside the one within it, nor an entry inside its map.
    [StructCodec, "0a 03 0a 05 6161616161", "Struct.fields.key: byte 3: a length of 5 bytes, where 1 are left"],
    [StructCodec, "0a 05 0a 01 61 12 03", "Struct.fields.value: byte 6: a length of 3 bytes, where 0 are left"],
    [ValueCodec, "32 04 0a 02 1a 05", "Value.string_value: byte 5: a length of 5 bytes, where 0 are left"],
    [TypeCodec, "12 03 0a 01 62 12 04 50 01 4a 07", "Field.options: byte 10: a length of 7 bytes, where 0 are left"],
    [
      SourceCodeInfo_LocationCodec,
      "0a 02 01 80",
      "SourceCodeInfo.Location.path: byte 3: ends in the middle of a varint",
    ],
  ] as never
  for (const [codec, text, message] of cases) {
    it(`${codec.typeName} ${text}: ${message}`, () => {
      const bytes = bytesOf(text)
      // Wherever the message stands, its bytes are counted from its own beginning.
      const within = Uint8Array.of(0xff, ...bytes, 0xff)
      for (const decode of [() => fromBinary(codec, bytes), () => codec.decode(within, 1, 1 + bytes.length)]) {
        assert.throws(decode, { name: "DecodeError", message: `google.protobuf.${message}` })
      }
    })
  }

  it("say where in properties of their own", () => {
    const error = new DecodeError("it is green", "a.B.c", 7)
    assert.deepEqual([error.message, error.field, error.position], ["a.B.c: byte 7: it is green", "a.B.c", 7])
    assert.throws(() => fromBinary(StringValueCodec, bytesOf("0a02 c328")), {
      field: "google.protobuf.StringValue.value",
      position: 2,
    })
  })

  it("allocate nothing for what they only claim", () => {
    // Lengths of two gigabytes in front of one byte: text, bytes, a message, a map's entry, packed values.
    const claims: [codec: MessageCodec<unknown, never>, bytes: string][] = [
      [StringValueCodec, "0a ffffffff07 61"],
      [BytesValueCodec, "0a ffffffff07 61"],
      [ValueCodec, "32 ffffffff07 0a"],
      [StructCodec, "0a ffffffff07 0a"],
      [SourceCodeInfo_LocationCodec, "0a ffffffff07 01"],
      [SourceCodeInfo_LocationCodec, "c23e ffffffff07 01"],
    ] as never
    const used = (): number => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
    for (const [codec, text] of claims) {
      const bytes = bytesOf(text)
      const before = used()
      assert.throws(() => fromBinary(codec, bytes), DecodeError)
      assert.ok(used() - before < 2 ** 20, `${codec.typeName} took ${used() - before} bytes`)
    }
  })

  it("nested 100 levels deep are taken, and refused one level deeper", () => {
    const nested = (levels: number): Value => {
      let value: Value = { $typeName: "google.protobuf.Value", kind: { case: "boolValue", value: true } }
      for (let i = 1; i < levels; i += 2) {
        const values = [value]
        value = {
          $typeName: "google.protobuf.Value",
          kind: { case: "listValue", value: { $typeName: "google.protobuf.ListValue", values } },
        }
      }
      return value
    }
    assert.deepEqual(fromBinary(ValueCodec, toBinary(ValueCodec, nested(99))), nested(99))
    assert.throws(
      () => fromBinary(ValueCodec, toBinary(ValueCodec, nested(101))),
      /messages are nested more than 100 levels deep/,
    )
  })

  it("with unknown groups nested 99 levels deep are taken, and refused one level deeper", () => {
    const groups = (levels: number): Uint8Array => bytesOf("13".repeat(levels) + "14".repeat(levels))
    assert.equal(fromBinary(Int32ValueCodec, groups(99)).$unknown?.length, 1)
    assert.throws(() => fromBinary(Int32ValueCodec, groups(100)), /field 2: byte 99: groups are nested more than 100/)
    assert.throws(() => fromBinary(Int32ValueCodec, groups(1_000_000)), DecodeError)
  })

  it("do not spoil the next message", () => {
    assert.throws(() => fromBinary(StringValueCodec, bytesOf("0a05 61")), DecodeError)
    assert.equal(fromBinary(StringValueCodec, bytesOf("0a01 61")).value, "a")
  })
})

describe("unknown fields", () => {
  it("survive a round trip in their order, of every wire type", () => {
    const bytes = bytesOf("08 05 10 9601 19 0102030405060708 22 03 616263 2b 08 01 2c 35 01020304")
    const message = fromBinary(Int32ValueCodec, bytes)
    assert.equal(message.value, 5)
    assert.deepEqual(
      message.$unknown?.map(({ no, wireType }) => [no, wireType]),
      [
        [2, 0],
        [3, 1],
        [4, 2],
        [5, 3],
        [6, 5],
      ],
    )
    assert.equal(hex(toBinary(Int32ValueCodec, message)), hex(bytes))
  })

  it("are what has a known number and another wire type", () => {
    const message = fromBinary(Int32ValueCodec, bytesOf("0a 01 61"))
    assert.equal(message.value, 0)
    assert.equal(hex(toBinary(Int32ValueCodec, message)), "0a0161")
  })

  it("are what a closed enum does not have, beside others", () => {
    const bytes = bytesOf("08 09 98 3f 01 08 ffffffffffffffffff01")
    const message = fromBinary(FieldOptionsCodec, bytes)
    assert.ok(!Object.hasOwn(message, "ctype"))
    assert.equal(hex(toBinary(FieldOptionsCodec, message)), hex(bytes))
  })
})

describe("bytes of a decoded message", () => {
  const value = new Uint8Array(1000).fill(7)
  const encoded = Buffer.from(toBinary(AnyCodec, { typeUrl: "t", value }))

  it("are a copy when the message does not own what it was read from", () => {
    const decoded = fromBinary(AnyCodec, encoded)
    encoded.fill(9, 10, 20)
    assert.deepEqual(decoded.value, value)
    encoded.fill(7, 10, 20)
  })

  it("are a view when it does, and plain arrays either way", () => {
    const owned = AnyCodec.decode(encoded, 0, encoded.length, true)
    assert.equal(owned.value.buffer, encoded.buffer)
    assert.deepEqual(owned.value, value)
    for (const message of [owned, fromBinary(AnyCodec, encoded)]) {
      assert.equal(Object.getPrototypeOf(message.value), Uint8Array.prototype)
    }
  })

  it("are a copy when they are few, so as to pin no large buffer", () => {
    const few = Buffer.from(toBinary(BytesValueCodec, { value: Uint8Array.of(1, 2, 3) }))
    assert.notEqual(BytesValueCodec.decode(few, 0, few.length, true).value.buffer, few.buffer)
  })
})

describe("toBinary", () => {
  it("may be called again from inside itself", () => {
    const inner = { value: "inner" }
    const outer = {
      get typeUrl(): string {
        return hex(toBinary(StringValueCodec, inner))
      },
    }
    assert.equal(fromBinary(AnyCodec, toBinary(AnyCodec, outer)).typeUrl, hex(toBinary(StringValueCodec, inner)))
  })

  it("goes on after an encoding that failed", () => {
    assert.throws(() => toBinary(StringValueCodec, { value: 1 as unknown as string }))
    assert.equal(hex(toBinary(StringValueCodec, { value: "a" })), "0a0161")
  })

  it("takes messages larger than its slab", () => {
    const value = "x".repeat(300_000)
    assert.equal(fromBinary(StringValueCodec, toBinary(StringValueCodec, { value })).value, value)
  })
})

describe("a codec's encode", () => {
  it("keeps what stands in the sink, at the same offsets, when the buffer is exchanged", () => {
    const first = Uint8Array.of(0, 0, 1, 2, 3)
    const sink: ByteSink = { buffer: first, start: 2, limit: 5 }
    const end = StringValueCodec.encode({ value: "abc" }, sink, 5)
    assert.notEqual(sink.buffer, first)
    assert.equal(hex(sink.buffer.subarray(2, end)), "0102030a03616263")
  })
})

describe("maps", () => {
  it("have no key that could change a prototype", () => {
    const init = { fields: Object.fromEntries([["__proto__", { kind: { case: "boolValue", value: true } }]]) }
    const { fields } = fromBinary(StructCodec, toBinary(StructCodec, init as never))
    assert.equal(Object.getPrototypeOf(fields), Object.prototype)
    assert.deepEqual(Object.keys(fields), ["__proto__"])
    assert.equal((Object.prototype as { kind?: unknown }).kind, undefined)
  })
})

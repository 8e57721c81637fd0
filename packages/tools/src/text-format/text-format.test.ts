import assert from "node:assert/strict"
import { describe, it } from "node:test"
import {
  create,
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf"
import { AnySchema, FileDescriptorSetSchema, FloatValueSchema } from "@bufbuild/protobuf/wkt"
import fc from "fast-check"
import { anyCharacter } from "../../../protobuf/dist/test-support/any-character.js"
import { ListsSchema, MapsSchema, ScalarsSchema } from "../gen/every_kind_pb.js"
import { proto3Pairs } from "../test-support/codec-pairs.js"
import { compileWhole } from "../test-support/compile-text.js"
import { initialiserOf } from "../test-support/message-arbitrary.js"
import { visible } from "../test-support/same-message.js"
import { fromText, textToBinary } from "./from-text.js"
import { TextFormatError } from "./text-format-error.js"
import { toText } from "./to-text.js"

const { files, diagnostics } = compileWhole(`
  syntax = "proto2";
  package shop;
  import "google/protobuf/any.proto";
  message Order {
    required string id = 1;
    optional group Delivery = 2 { optional string street = 1; }
    repeated int32 counts = 3;
    oneof payment { string card = 4; bytes voucher = 5; }
    optional State state = 6;
    optional google.protobuf.Any note = 7;
    optional Set set = 8;
    optional string unchecked = 9;
    repeated Order parts = 10;
    reserved "formerly";
    extensions 100 to 200;
  }
  enum State { OPEN = 1; PAID = 2; }
  extend Order {
    optional int32 priority = 100;
    repeated Order replaces = 101;
    repeated string tags = 102;
  }
  message Set {
    option message_set_wire_format = true;
    extensions 4 to max;
  }
  message Item {
    extend Set { optional Item item = 1234; }
    optional int32 number = 1;
  }
  message Empty {}`)
assert.deepEqual(diagnostics, [])
const registry: FileRegistry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files] }))
const Order: DescMessage = registry.getMessage("shop.Order")!

function order(text: string): Message {
  return fromText(Order, `id: "o-1" ${text}`, { registry })
}

describe("text", () => {
  it("is what messages of every kind become, and can be read back", () => {
    for (const { schema } of proto3Pairs) {
      fc.assert(
        fc.property(initialiserOf(schema, 2), fc.boolean(), (init, singleLine) => {
          const message = create(schema, init)
          const read = fromText(schema, toText(schema, message, { singleLine }))
          assert.deepEqual(visible(read), visible(message))
        }),
        { numRuns: 20 },
      )
    }
  })

  it("has each field on a line of its own, in the order of numbers, or all on one", () => {
    const message = order(`
      [shop.tags]: ["a", "b"]  [shop.priority]: 3
      state: PAID  counts: [1, -2]
      Delivery { street: "Grün\\t\\"5\\"" }
      voucher: "\\x00a\\377"
      set { [shop.Item] { number: 7 } }
      [shop.replaces] < id: "o-0" >`)
    const lines = [
      'id: "o-1"',
      "Delivery {",
      '  street: "Grün\\t\\"5\\""',
      "}",
      "counts: 1",
      "counts: -2",
      'voucher: "\\000a\\377"',
      "state: PAID",
      "set {",
      "  [shop.Item] {",
      "    number: 7",
      "  }",
      "}",
      "[shop.priority]: 3",
      "[shop.replaces] {",
      '  id: "o-0"',
      "}",
      '[shop.tags]: "a"',
      '[shop.tags]: "b"',
    ]
    assert.equal(toText(Order, message, { registry }), `${lines.join("\n")}\n`)
    const oneLine = lines.map((line) => line.trim()).join(" ")
    assert.equal(toText(Order, message, { registry, singleLine: true }), oneLine)
    assert.deepEqual(fromText(Order, oneLine, { registry }), message)
  })

  it("has maps ordered by their keys", () => {
    const message = create(MapsSchema, { int32s: { 10: 1n, 9: 2n, "-1": 3n }, bools: { true: 1, false: 2 } })
    assert.equal(
      toText(MapsSchema, message, { singleLine: true }),
      "int32s { key: -1 value: 3 } int32s { key: 9 value: 2 } int32s { key: 10 value: 1 } " +
        "bools { key: false value: 2 } bools { key: true value: 1 }",
    )
  })

  it("has what is in an Any by its type, when that is known", () => {
    const text = 'note { [type.googleapis.com/shop.Order] { id: "o-2" } }'
    const message = order(text)
    assert.equal(toText(Order, message, { registry, singleLine: true }), `id: "o-1" ${text}`)
    const unknown = create(AnySchema, { typeUrl: "example.com/other.Type", value: Uint8Array.of(8, 1) })
    const bare = 'type_url: "example.com/other.Type"\nvalue: "\\010\\001"\n'
    assert.equal(toText(AnySchema, unknown), bare)
    assert.deepEqual(fromText(AnySchema, bare), unknown)
    // Any host will do, and a type that no registry has when the file itself imports it.
    assert.equal(
      toText(Order, order("note { [example.com/google.protobuf.Any] { type_url: 'a/b' } }"), { singleLine: true }),
      'id: "o-1" note { [example.com/google.protobuf.Any] { type_url: "a/b" } }',
    )
  })

  it("has an Any in an Any, up to a depth", () => {
    const typeUrl = "type.googleapis.com/google.protobuf.Any"
    let any = create(AnySchema, { typeUrl: "a/b" })
    for (let i = 0; i < 500; i++) any = create(AnySchema, { typeUrl, value: toBinary(AnySchema, any) })
    const text = toText(AnySchema, any)
    assert.equal(text.split(`[${typeUrl}] {`).length - 1, 99)
    assert.deepEqual(fromText(AnySchema, text), any)
  })

  it("has unknown fields by their numbers when they are asked for", () => {
    const empty = registry.getMessage("shop.Empty")!
    const hex = "0801 1002 1d03000000 210400000000000000 2a0568656c6c6f 320408011002 3b08053c"
    const message = fromBinary(empty, new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex")))
    assert.equal(toText(empty, message), "")
    assert.equal(
      toText(empty, message, { unknownFields: true, singleLine: true }),
      '1: 1 2: 2 3: 0x00000003 4: 0x0000000000000004 5: "hello" 6 { 1: 1 2: 2 } 7 { 1: 5 }',
    )
    // What stands where an extension should is no such extension.
    const broken = fromBinary(Order, Uint8Array.of(0x0a, 0, 0xaa, 0x06, 1, 0xff))
    assert.equal(toText(Order, broken, { singleLine: true }), 'id: ""')
    assert.equal(toText(Order, broken, { unknownFields: true, singleLine: true }), 'id: "" 101: "\\377"')
    // The message's own file need not be in a registry.
    assert.equal(toText(Order, order('[shop.tags]: "a"'), { singleLine: true }), 'id: "o-1" [shop.tags]: "a"')
  })

  it("writes numbers with the fewest digits that tell them apart", () => {
    const floats = [0.1, 1 / 3, 16777216, 3.4028234663852886e38, 1e-45, -0, Number.NaN, Number.NEGATIVE_INFINITY]
    const message = create(ListsSchema, { floats: floats.map(Math.fround), doubles: [0.1, 1 / 3, 5e-324, -0] })
    assert.equal(
      toText(ListsSchema, message, { singleLine: true }),
      "doubles: 0.1 doubles: 0.3333333333333333 doubles: 5e-324 doubles: -0 " +
        "floats: 0.1 floats: 0.33333334 floats: 16777216 floats: 3.4028235e+38 floats: 1e-45 floats: -0 floats: nan floats: -inf",
    )
  })

  it("may have comments, separators, either brackets, and strings in pieces", () => {
    const message = order(`
      # a comment
      Delivery: < street: 'Main ' "Street" >;  # another
      counts: [ # and one more
        0x10, 017 ], counts: 3,
      parts [{ id: "p" }, < id: "q" >]
      formerly: { anything: [1, 2] }`)
    const { delivery, counts, parts } = toJson(Order, message, { registry }) as Record<string, unknown>
    assert.deepEqual(delivery, { street: "Main Street" })
    assert.deepEqual(counts, [16, 15, 3])
    assert.deepEqual(parts, [{ id: "p" }, { id: "q" }])
  })

  it("gives bytes for a codec as well", () => {
    const text = "an_int32: -5 a_float: 1.5f"
    assert.deepEqual(textToBinary(ScalarsSchema, text), toBinary(ScalarsSchema, fromText(ScalarsSchema, text)))
  })
})

describe("text that cannot be read", () => {
  const cases: [text: string, error: string][] = [
    ["valeu: 1", '1:1: Message type "google.protobuf.FloatValue" has no field named "valeu".'],
    ["value: 1\n  value: 2", '2:8: Non-repeated field "value" is specified multiple times.'],
    ["value 1", '1:7: Expected ":", found "1".'],
    ['value: "1"', '1:8: Expected double, got: "1"'],
    ["value: 0x1", "1:8: Expect a decimal number, got: 0x1"],
    ["value:", "1:7: Expected double, got: "],
    ["value: 1 }", "1:10: Expected identifier, got: }"],
    ["[a.b]: 1", '1:6: Extension "a.b" is not defined or is not an extension of "google.protobuf.FloatValue".'],
    ['value: "a', "1:10: Unexpected end of string."],
  ]
  for (const [text, message] of cases) {
    it(message, () => assert.throws(() => fromText(FloatValueSchema, text), { name: "TextFormatError", message }))
  }

  it("names the required fields that are missing", () => {
    const text = "parts { counts: 1 }"
    assert.throws(() => fromText(Order, text), { message: "Message missing required fields: id, parts[0].id" })
  })

  it("is what has two of a oneof, a value that its enum has not, no UTF-8, or too many levels", () => {
    assert.throws(() => order('card: "a" voucher: "b"'), /1:\d+: Field "voucher" is specified along with field "card"/)
    assert.throws(() => order("state: LOST"), /Unknown enumeration value of "LOST" for field "state"/)
    assert.throws(() => order("state: 9"), /Unknown enumeration value of "9" for field "state"/)
    assert.throws(
      () => fromText(ScalarsSchema, 'a_string: "\\xff"'),
      /1:11: String field "a_string" contains invalid UTF-8/,
    )
    const deep = `${"parts { id: 'p' ".repeat(100)}${"}".repeat(100)}`
    assert.throws(() => order(deep), /recursion limit of 100/)
    assert.ok(order(deep.slice(16, -1)))
  })

  it("tells what may have been meant", () => {
    assert.throws(
      () => fromText(FloatValueSchema, "valeu: 1"),
      (error: unknown) =>
        error instanceof TextFormatError && error.hint?.() === "did you mean `value`?" && error.line === 1,
    )
  })

  it("never ends in another error", () => {
    const words = [
      "id",
      ":",
      "{",
      "}",
      "<",
      ">",
      "[",
      "]",
      "1",
      "-",
      '"a"',
      "'",
      "#",
      "\n",
      ".5",
      "1e",
      "shop.tags",
      "/",
      ",",
      "Delivery",
      "note",
    ]
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: anyCharacter, maxLength: 3 }))),
        (parts) => {
          try {
            fromText(Order, parts.join(" "), { registry })
          } catch (error) {
            assert.ok(error instanceof TextFormatError, String(error))
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf"
import { StructSchema } from "@bufbuild/protobuf/wkt"
import type { ByteSink } from "./codec.js"
import { encodeJsonStruct, readJsonStruct } from "./json-struct.js"
import { beginDecoding, endDecoding } from "./wire/reader.js"
import { StructCodec } from "./wkt.js"

function written(json: JsonObject): Uint8Array {
  const sink: ByteSink = { buffer: new Uint8Array(0), start: 0, limit: 0 }
  const end = encodeJsonStruct(json, sink, 0)
  return sink.buffer.slice(0, end)
}

function read(bytes: Uint8Array, previous?: JsonObject): JsonObject {
  const reader = beginDecoding(bytes, 0, bytes.length, false)
  return endDecoding(reader, readJsonStruct(reader, bytes.length, previous))
}

describe("a JSON object as a google.protobuf.Struct", () => {
  const json: JsonObject = {
    text: "grün",
    number: -0.5,
    yes: true,
    nothing: null,
    list: [1, "two", [false], {}, null],
    object: { inner: { deep: [] } },
  }

  it("has the bytes that @bufbuild/protobuf makes of it, and is read again", () => {
    assert.deepEqual(written(json), toBinary(StructSchema, fromJson(StructSchema, json)))
    assert.deepEqual(read(written(json)), json)
  })

  it("gains entries when it comes again, and those that it had are exchanged", () => {
    const first = { kept: 1, changed: 1 }
    assert.equal(read(written({ changed: { a: 2 }, added: [3] }), first), first)
    assert.deepEqual(first, { kept: 1, changed: { a: 2 }, added: [3] })
  })

  it("has a value without a kind where JSON has none for it, which is read as null", () => {
    const bytes = written({ none: undefined, method: () => 1 } as never)
    const { fields } = StructCodec.decode(bytes, 0, bytes.length)
    assert.deepEqual(fields["none"]?.kind, { case: undefined })
    assert.deepEqual(read(bytes), { none: null, method: null })
  })

  it("has no key that could change a prototype", () => {
    const hostile = JSON.parse('{ "__proto__": { "a": 1 } }') as JsonObject
    const copy = read(written(hostile), {})
    assert.equal(Object.getPrototypeOf(copy), Object.prototype)
    assert.deepEqual(Object.keys(copy), ["__proto__"])
  })
})

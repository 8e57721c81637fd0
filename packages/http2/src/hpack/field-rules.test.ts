import assert from "node:assert/strict"
import { test } from "node:test"
import { encodeBlock } from "../test-support/header-blocks.js"
import { HpackDecoder } from "./decoder.js"
import { HpackEncoder } from "./encoder.js"
import { fieldKind } from "./field-kind.js"
import { fieldFault } from "./field-rules.js"
import type { HeaderBlock, HeaderFields } from "./header-block.js"
import { PreparedHeaders } from "./prepared-headers.js"

const faults = [
  ["", "x", 'field name ""'],
  ["Upper", "x", 'field name "Upper"'],
  ["A", "x", 'field name "A"'],
  ["Z", "x", 'field name "Z"'],
  ["a\u007f", "x", 'field name "a\u007f"'],
  ["Authorization", "x", 'field name "Authorization"'],
  ["a b", "x", 'field name "a b"'],
  ["a:b", "x", 'field name "a:b"'],
  ["a\n", "x", 'field name "a\\n"'],
  ["\u00e9", "x", 'field name "\u00e9"'],
  ["a", "x\ny", "the value of field a holds a character that may not be there"],
  ["a", "x\r", "the value of field a holds a character that may not be there"],
  ["a", "\0", "the value of field a holds a character that may not be there"],
  ["a", " x", "the value of field a holds a character that may not be there"],
  ["a", "x\t", "the value of field a holds a character that may not be there"],
  [":path", "/\n", "the value of field :path holds a character that may not be there"],
  ["te", "gzip", 'te is "gzip", only "trailers" may be'],
  ["connection", "close", "connection-specific field connection"],
  ["proxy-connection", "close", "connection-specific field proxy-connection"],
  ["keep-alive", "5", "connection-specific field keep-alive"],
  ["transfer-encoding", "chunked", "connection-specific field transfer-encoding"],
  ["transfer-encoding", "", "connection-specific field transfer-encoding"],
  ["upgrade", "h2c", "connection-specific field upgrade"],
] as const

const sound = [
  ["a", ""],
  ["a", "x y\tz"],
  ["a", "\u0001\u007f\u00ff"],
  ["!#$%&'*+-.^_`|~09az@[", "x"],
  ["te", "trailers"],
  [":path", "/"],
  [":authority", ""],
] as const

function decodedEachWay(fields: HeaderFields): HeaderBlock[] {
  const encoder = new HpackEncoder()
  const decoder = new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 16_384, maxHeaderCount: 128 })
  const prepared = new PreparedHeaders(fields)
  // A plain literal, one that is indexed, the entry's index, and the same block from the cache.
  return [fields, prepared, prepared, prepared, prepared].map((headers) => {
    const block = encodeBlock(encoder, headers)
    return decoder.decode(block, 0, block.length)
  })
}

for (const [name, value, fault] of faults) {
  test(`a fault, however it comes: ${JSON.stringify([name, value])}`, () => {
    assert.equal(fieldFault(fieldKind(name), name, value), fault)
    for (const block of decodedEachWay(["ok", "1", name, value, "Second", "2"])) assert.equal(block.fieldFault, fault)
  })
}

for (const [name, value] of sound) {
  test(`sound: ${JSON.stringify([name, value])}`, () => {
    assert.equal(fieldFault(fieldKind(name), name, value), undefined)
    for (const block of decodedEachWay([name, value])) assert.equal(block.fieldFault, undefined)
  })
}

test("an oversize list has no faults to tell", () => {
  const decoder = new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 70, maxHeaderCount: 128 })
  const block = encodeBlock(new HpackEncoder(), ["A", "1", "b", "2", "C", "3"])
  const { oversize, fieldFault, pseudoFault } = decoder.decode(block, 0, block.length)
  assert.deepEqual([oversize, fieldFault, pseudoFault], [true, undefined, undefined])
})

import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { allFields, encodeBlock, tableOf } from "../test-support/header-blocks.js"
import { HpackDecoder } from "./decoder.js"
import { HpackEncoder } from "./encoder.js"
import { PreparedHeaders } from "./prepared-headers.js"

const byteString = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.nat({ max: 255 }), { maxLength }).map((bytes) => String.fromCharCode(...bytes))

const field = fc.oneof(
  fc.tuple(
    fc.constantFrom("content-type", "te", "user-agent", "x-a", "x-b", "grpc-timeout", "authorization", "__proto__"),
    fc.oneof(fc.constantFrom("", "1", "2", "application/grpc", "trailers", "y".repeat(60)), byteString(40)),
  ),
  fc.tuple(
    byteString(12).filter((name) => !name.startsWith(":")),
    byteString(200),
  ),
)
const regular = fc.array(field, { maxLength: 8 }).map((fields) => fields.flat())
const request = fc
  .tuple(fc.constantFrom("GET", "POST"), fc.constantFrom("/", "/a.B/C", "/a.B/D"), regular)
  .map(([method, path, fields]) => [":method", method, ":path", path, ...fields])
const size = fc.oneof(fc.constantFrom(0, 33, 64, 100, 4096, 10_000), fc.nat({ max: 6000 }))
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ list: fc.nat({ max: 4 }), extra: fc.option(regular, { nil: undefined }) }) },
  { weight: 2, arbitrary: fc.record({ fields: request, extra: fc.option(regular, { nil: undefined }) }) },
  { weight: 1, arbitrary: fc.record({ sizes: fc.array(size, { minLength: 1, maxLength: 3 }) }) },
)

test("whatever is encoded is decoded, through any changes of the table size", () => {
  const options = { own: fc.constantFrom(0, 128, 4096, 16_384), huffman: fc.boolean() }
  const lists = fc.array(request, { minLength: 5, maxLength: 5 })
  const run = fc.property(lists, fc.record(options), fc.array(step, { maxLength: 40 }), (lists, options, steps) => {
    const prepared = lists.map((fields) => new PreparedHeaders(fields, { sensitive: ["x-b"] }))
    const encoder = new HpackEncoder({ tableSize: options.own, huffman: options.huffman })
    const decoder = new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 1 << 20, maxHeaderCount: 1000 })
    for (const step of steps) {
      if ("sizes" in step) {
        // The peer's side first: its limit holds from our acknowledgement on, which goes out in front of the next block.
        for (const size of step.sizes) {
          encoder.setPeerTableSize(size)
          decoder.setTableLimit(size)
        }
        continue
      }
      const headers = "list" in step ? prepared[step.list] : step.fields
      const block = encodeBlock(encoder, headers, step.extra)
      const { fields } = "list" in step ? prepared[step.list] : step
      const sent = [...(fields as string[]), ...(step.extra ?? [])]
      const received = decoder.decode(block, 0, block.length)
      assert.deepEqual(received.fields, sent.slice(4))
      assert.deepEqual([received.method, received.path], [sent[1], sent[3]])
      if (sent.includes("authorization")) assert.ok(received.isSensitive("authorization"))
      assert.deepEqual(tableOf(decoder), tableOf(encoder))
      assert.ok(allFields(received).length >= sent.length)
    }
  })
  fc.assert(run, { numRuns: 300 })
})

test("whatever bytes come, the decoder answers with a block or an HpackError, and keeps its bounds", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(fc.constantFrom(0x40, 0x82, 0xbe, 0x20, 1, 0x61, 0x81, 0xff)),
  )
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 12 }), (blocks) => {
      const decoder = new HpackDecoder({ tableSize: 200, maxHeaderListSize: 500, maxHeaderCount: 10 })
      for (const block of blocks) {
        try {
          const { fields, oversize, listSize } = decoder.decode(Uint8Array.from(block), 0, block.length)
          assert.ok(fields.length <= 20)
          assert.ok(oversize ? fields.length === 0 : listSize <= 500)
        } catch (error) {
          assert.equal((error as Error).name, "HpackError")
          return
        }
        assert.ok(decoder.tableSize <= 200)
      }
    }),
    { numRuns: 2000 },
  )
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { fromBinary as theirFromBinary } from "@bufbuild/protobuf"
import { toBinary } from "@farcall/protobuf"
import fc from "fast-check"
import { type CodecPair, proto3Pairs, wellKnownPairs } from "../test-support/codec-pairs.js"
import { compareMerged, compareValues } from "../test-support/compare-codecs.js"
import { initialiserOf } from "../test-support/message-arbitrary.js"
import { assertSameMessage } from "../test-support/same-message.js"

describe("generated codecs and @bufbuild/protobuf", () => {
  for (const pair of [...proto3Pairs, ...wellKnownPairs]) {
    it(`agree on ${pair.schema.typeName}`, () => compareValues(pair, isWellKnown(pair) ? 10 : 30))
  }

  it("agree on two messages in a row, which are one merged", () => {
    for (const pair of proto3Pairs) compareMerged(pair, 10)
  })

  it("read messages inside a larger buffer, as views or as copies", () => {
    for (const { schema, codec } of proto3Pairs) {
      fc.assert(
        fc.property(initialiserOf(schema, 1), fc.nat(9), fc.nat(9), (init, before, after) => {
          const bytes = toBinary(codec, init)
          const buffer = Buffer.alloc(before + bytes.length + after, 0xff)
          buffer.set(bytes, before)
          const expected = theirFromBinary(schema, bytes)
          for (const owned of [true, false]) {
            assertSameMessage(schema, codec.decode(buffer, before, before + bytes.length, owned), expected)
          }
        }),
        { numRuns: 5 },
      )
    }
  })

  it("write at any place of a sink that has to grow", () => {
    for (const { schema, codec } of proto3Pairs) {
      fc.assert(
        fc.property(initialiserOf(schema, 1), fc.nat(20), fc.nat(20), fc.nat(5), (init, start, room, head) => {
          const bytes = toBinary(codec, init)
          const sink = { buffer: new Uint8Array(start + head + room), start, limit: start + head + room }
          sink.buffer.fill(7, start, start + head)
          const end = codec.encode(init, sink, start + head)
          assert.deepEqual(sink.buffer.slice(start, start + head), new Uint8Array(head).fill(7), "what stood before")
          assert.deepEqual(sink.buffer.slice(start + head, end), bytes)
          assert.ok(end <= sink.limit && sink.limit <= sink.buffer.length)
        }),
        { numRuns: 10 },
      )
    }
  })
})

function isWellKnown({ schema }: CodecPair): boolean {
  return schema.file.name.startsWith("google/protobuf/")
}

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { create, fromBinary as theirFromBinary, toBinary as theirToBinary } from "@bufbuild/protobuf"
import { fromBinary, toBinary } from "@farcall/protobuf"
import fc from "fast-check"
import { proto3Pairs, wellKnownPairs } from "../test-support/codec-pairs.js"
import { initialiserOf } from "../test-support/message-arbitrary.js"
import { assertSameMessage } from "../test-support/same-message.js"

const RUNS = 30

describe("generated codecs and @bufbuild/protobuf", () => {
  for (const { schema, codec } of [...proto3Pairs, ...wellKnownPairs]) {
    it(`agree on ${schema.typeName}`, () => {
      fc.assert(
        fc.property(initialiserOf(schema, 2), (init) => {
          const message = create(schema, init)
          const bytes = theirToBinary(schema, message)
          assert.deepEqual(toBinary(codec, message), bytes, "the bytes of a message")
          assert.deepEqual(toBinary(codec, init), bytes, "the bytes of a plain initialiser")
          const decoded = fromBinary(codec, bytes)
          assertSameMessage(schema, decoded, theirFromBinary(schema, bytes))
          assert.deepEqual(toBinary(codec, decoded), bytes, "the bytes of a decoded message")
          assert.deepEqual(theirToBinary(schema, decoded), bytes, "the bytes they make of our message")
        }),
        { numRuns: schema.file.name.startsWith("google/") ? RUNS / 3 : RUNS },
      )
    })
  }

  it("agree on two messages in a row, which are one merged", () => {
    for (const { schema, codec } of proto3Pairs) {
      fc.assert(
        fc.property(initialiserOf(schema, 1), initialiserOf(schema, 1), (first, second) => {
          const bytes = Buffer.concat([toBinary(codec, first), toBinary(codec, second)])
          assertSameMessage(schema, fromBinary(codec, bytes), theirFromBinary(schema, new Uint8Array(bytes)))
        }),
        { numRuns: RUNS / 3 },
      )
    }
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
        { numRuns: RUNS / 6 },
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
        { numRuns: RUNS / 3 },
      )
    }
  })
})

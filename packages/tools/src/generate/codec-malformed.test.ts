import assert from "node:assert/strict"
import { describe, it } from "node:test"
import {
  create,
  type DescMessage,
  type Message,
  fromBinary as theirFromBinary,
  toBinary as theirToBinary,
} from "@bufbuild/protobuf"
import { DecodeError, fromBinary } from "@farcall/protobuf"
import fc from "fast-check"
import { type CodecPair, proto3Pairs, wellKnownPairs } from "../test-support/codec-pairs.js"
import { findLaxity } from "../test-support/laxity.js"
import { initialiserOf } from "../test-support/message-arbitrary.js"
import { mutate, mutation } from "../test-support/mutated-bytes.js"
import { assertSameMessage } from "../test-support/same-message.js"

describe("generated codecs on malformed bytes", () => {
  const counts = { accepted: 0, refused: 0, excused: 0 }

  for (const pair of [...proto3Pairs, ...wellKnownPairs]) {
    it(`take and refuse what @bufbuild/protobuf does: ${pair.schema.typeName}`, () => {
      fc.assert(
        fc.property(
          initialiserOf(pair.schema, 1),
          fc.array(fc.array(mutation, { minLength: 1, maxLength: 3 }), { minLength: 20, maxLength: 20 }),
          (init, attempts) => {
            const bytes = theirToBinary(pair.schema, create(pair.schema, init))
            for (const mutations of attempts) counts[compare(pair, mutate(bytes, mutations))]++
          },
        ),
        { numRuns: 10 },
      )
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
          counts[compare(pair, bytes)]++
        }),
        { numRuns: 100 },
      )
    })
  }

  it("were compared on bytes of all sorts", (context) => {
    context.diagnostic(JSON.stringify(counts))
    assert.ok(counts.accepted > 1000 && counts.refused > 1000, JSON.stringify(counts))
    assert.ok(counts.excused < counts.accepted + counts.refused, JSON.stringify(counts))
  })
})

/** Asserts that both decoders do the same with the bytes, as far as they must, and says what they did. */
function compare({ schema, codec }: CodecPair, bytes: Uint8Array): "accepted" | "refused" | "excused" {
  const ours = attempt(() => fromBinary(codec, bytes) as Message)
  if (ours instanceof Error && !(ours instanceof DecodeError)) throw ours
  if (findLaxity(schema, bytes) !== undefined) return "excused"
  const theirs = attempt(() => theirFromBinary(schema, bytes))
  if (ours instanceof Error || theirs instanceof Error) {
    assert.ok(ours instanceof Error && theirs instanceof Error, disagreement(schema, bytes, ours, theirs))
    return "refused"
  }
  assertSameMessage(schema, ours, theirs)
  return "accepted"
}

function attempt(decode: () => Message): Message | Error {
  try {
    return decode()
  } catch (error) {
    return error as Error
  }
}

function disagreement(schema: DescMessage, bytes: Uint8Array, ours: Message | Error, theirs: Message | Error): string {
  const said = (result: Message | Error): string => (result instanceof Error ? `refuse (${result.message})` : "accept")
  return `${schema.typeName} ${Buffer.from(bytes).toString("hex")}: we ${said(ours)}, they ${said(theirs)}`
}

import assert from "node:assert/strict"
import {
  create,
  type DescMessage,
  type Message,
  fromBinary as theirFromBinary,
  toBinary as theirToBinary,
} from "@bufbuild/protobuf"
import { DecodeError, fromBinary, toBinary } from "@farcall/protobuf"
import fc from "fast-check"
import type { CodecPair } from "./codec-pairs.js"
import { findLaxity } from "./laxity.js"
import { initialiserOf } from "./message-arbitrary.js"
import { mutate, mutation } from "./mutated-bytes.js"
import { assertSameMessage } from "./same-message.js"

/** Asserts that a codec and @bufbuild/protobuf make the same bytes of a value, and the same message of the bytes. */
export function compareValues({ schema, codec }: CodecPair, numRuns: number): void {
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
    { numRuns },
  )
}

/** Asserts that both make one merged message of two in a row (the encoding guide, "Last One Wins"). */
export function compareMerged({ schema, codec }: CodecPair, numRuns: number): void {
  fc.assert(
    fc.property(initialiserOf(schema, 1), initialiserOf(schema, 1), (first, second) => {
      const bytes = new Uint8Array(Buffer.concat([toBinary(codec, first), toBinary(codec, second)]))
      assertSameMessage(schema, fromBinary(codec, bytes), theirFromBinary(schema, bytes))
    }),
    { numRuns },
  )
}

export type MalformedCounts = Record<"accepted" | "refused" | "excused", number>

/** Asserts that both take and refuse the same bytes, made by changing those of messages, or at random. */
export function compareMalformed(pair: CodecPair, numRuns: number): MalformedCounts {
  const counts = { accepted: 0, refused: 0, excused: 0 }
  const attempts = fc.array(fc.array(mutation, { minLength: 1, maxLength: 3 }), { minLength: 20, maxLength: 20 })
  fc.assert(
    fc.property(initialiserOf(pair.schema, 1), attempts, (init, changes) => {
      const bytes = theirToBinary(pair.schema, create(pair.schema, init))
      for (const mutations of changes) counts[compareDecoding(pair, mutate(bytes, mutations))]++
    }),
    { numRuns },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      counts[compareDecoding(pair, bytes)]++
    }),
    { numRuns: numRuns * 10 },
  )
  return counts
}

function compareDecoding({ schema, codec }: CodecPair, bytes: Uint8Array): keyof MalformedCounts {
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

import {
  type DescMessage,
  type Message,
  fromBinary as theirFromBinary,
  toBinary as theirToBinary,
} from "@bufbuild/protobuf"
import { DecodeError, fromBinary, toBinary } from "@farcall/protobuf"
import type { CodecPair } from "../../../packages/tools/dist/test-support/codec-pairs.js"
import { findLaxity } from "../../../packages/tools/dist/test-support/laxity.js"
import type { Input } from "./inputs.js"
import { sameValue } from "./same-value.js"

/** What came of an input on which both agreed, or in what way they may differ. */
export type Outcome = "accepted" | "refused" | `excused: ${string}`

/**
 * Reads the bytes with both codecs, and writes what was read with both. @throws Error when they differ in more than what
 * @bufbuild/protobuf is known to be lax in
 */
export function checkInput(input: Input): Outcome {
  const difference = differenceOf(input)
  if (difference === "accepted" || difference === "refused") return difference
  const laxity = findLaxity(input.pair.schema, input.bytes)
  if (laxity === undefined) throw new Error(difference)
  checkRoundTrip(input)
  return `excused: ${laxity.replaceAll(/\d+/g, "N")}`
}

/** What we read alone must at least be what we read again, when it was written. */
function checkRoundTrip({ pair: { codec }, bytes }: Input): void {
  const message = attempt(() => fromBinary(codec, bytes))
  if (message instanceof Error) return
  const written = attempt(() => toBinary(codec, message))
  // A required field may be missing.
  if (written instanceof Error) return
  if (!sameValue(fromBinary(codec, written), message)) throw new Error("what is written again is read otherwise")
}

function differenceOf({ pair: { schema, codec }, bytes }: Input): string {
  const ours = attempt(() => decodeWithin(codec, bytes))
  if (ours instanceof Error) {
    if (!(ours instanceof DecodeError)) throw ours
    if (!hasPlace(ours, bytes.length)) return `no place: ${ours.message}`
  }
  const theirs = attempt(() => theirFromBinary(schema, bytes))
  if (ours instanceof Error || theirs instanceof Error) {
    if (ours instanceof Error && theirs instanceof Error) return "refused"
    return `we ${said(ours)}, they ${said(theirs)}`
  }
  if (!sameValue(ours, theirs)) return "the values differ"
  const ourBytes = attempt(() => toBinary(codec, ours))
  const theirBytes = attempt(() => theirToBinary(schema, theirs))
  if (ourBytes instanceof Error || theirBytes instanceof Error) {
    // A required field was not there: neither writes such a message.
    if (ourBytes instanceof Error && theirBytes instanceof Error) return "accepted"
    return `writing again, we ${said(ourBytes)}, they ${said(theirBytes)}`
  }
  if (Buffer.compare(ourBytes, theirBytes) === 0) return "accepted"
  return differInNaN(ourBytes, theirBytes, schema) ? "accepted" : "the bytes differ when it is written again"
}

/**
 * As a call decodes its messages: in the middle of a buffer, whose other bytes must not be taken for the message's, and
 * which belongs to some messages and to others not.
 */
function decodeWithin(codec: CodecPair["codec"], bytes: Uint8Array): Message {
  const start = 5
  const stop = start + bytes.length
  // Bytes that would go well with whatever is cut off.
  const buffer = new Uint8Array(stop + 20).fill(1)
  buffer.set(bytes, start)
  return codec.decode(buffer, start, stop, bytes.length % 2 === 0) as Message
}

/** Whether an error says which byte of the message it is at, or that it is at its end. */
function hasPlace({ field, position }: DecodeError, length: number): boolean {
  return field !== undefined && position !== undefined && position >= 0 && position <= length
}

/**
 * Engines may keep a NaN's payload or not, from one time to the next (ECMAScript, NumericToRawBytes); such bytes are as
 * many, and are the same value.
 */
function differInNaN(a: Uint8Array, b: Uint8Array, schema: DescMessage): boolean {
  return a.length === b.length && sameValue(theirFromBinary(schema, a), theirFromBinary(schema, b))
}

function attempt<Result>(action: () => Result): Result | Error {
  try {
    return action()
  } catch (error) {
    return error as Error
  }
}

function said(result: unknown): string {
  return result instanceof Error ? `refuse (${result.message})` : "accept"
}

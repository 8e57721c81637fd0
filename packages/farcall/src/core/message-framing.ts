import { allocateMessage } from "./long-memory.js"
import type { MessageInflater } from "./message-inflater.js"
import { StatusError } from "./status-error.js"

/**
 * Length-prefixed messages, as gRPC puts them into DATA (gRPC over HTTP/2, "Length-Prefixed-Message"):
 *
 *     prefix (5 bytes)                   body
 *     +------------+-------------------+----------------------+
 *     | compressed | length, big-endian| message, `length` B  |
 *     +------------+-------------------+----------------------+
 *
 * A stream of DATA is read in two states, prefix and body. Frames and messages have nothing to do with one another: a
 * prefix may be split, and one frame may hold many messages (checklist point 8).
 */
export const PREFIX_LENGTH = 5

/** What receives the messages of one stream; embed it in the object that has the stream. */
export interface MessageReceiver {
  /** What has come of a message that is not whole yet. The framing's own. */
  partial: PartialMessage | undefined
  /** Bytes of the longest message that is accepted. */
  readonly maxReceiveMessageLength: number
  /** Takes messages before `onMessage` does, where a compression was agreed. */
  readonly inflater: MessageInflater | undefined
  /**
   * A whole message: bytes[start…stop), which must be used before returning unless `owned`. `wireBytes` counts those
   * of the message for which flow-control credit has not been given yet. Returns false to be told of no more.
   */
  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean
  /** `wireBytes` of a message that is not whole yet have been taken up; as far as is known, `missing` are to come. */
  onPartial(wireBytes: number, missing: number): void
  /** The stream of messages is broken: nothing more will be told. */
  onFramingError(error: StatusError): void
}

/** A message of which a part has come. */
export interface PartialMessage {
  /** The prefix until it is whole, then the body. */
  bytes: Uint8Array
  filled: number
  inBody: boolean
  compressed: boolean
}

/** Reads a piece of a stream's DATA. */
export function receiveMessages(receiver: MessageReceiver, chunk: Uint8Array, start: number, stop: number): void {
  while (start < stop) {
    const partial = receiver.partial
    if (partial === undefined) {
      if (stop - start < PREFIX_LENGTH) {
        const prefix = new Uint8Array(PREFIX_LENGTH)
        prefix.set(chunk.subarray(start, stop))
        receiver.partial = { bytes: prefix, filled: stop - start, inBody: false, compressed: false }
        receiver.onPartial(stop - start, 0)
        return
      }
      const length = readPrefix(receiver, chunk, start)
      if (length < 0) return
      const compressed = chunk[start] === 1
      const end = start + PREFIX_LENGTH + length
      if (end > stop) {
        const body = allocateMessage(length)
        body.set(chunk.subarray(start + PREFIX_LENGTH, stop))
        receiver.partial = { bytes: body, filled: stop - start - PREFIX_LENGTH, inBody: true, compressed }
        receiver.onPartial(stop - start, end - stop)
        return
      }
      if (!deliver(receiver, compressed, chunk, start + PREFIX_LENGTH, end, false, end - start)) return
      start = end
    } else {
      const taken = Math.min(partial.bytes.length - partial.filled, stop - start)
      partial.bytes.set(chunk.subarray(start, start + taken), partial.filled)
      partial.filled += taken
      start += taken
      if (partial.filled < partial.bytes.length) {
        receiver.onPartial(taken, partial.inBody ? partial.bytes.length - partial.filled : 0)
        return
      }
      if (partial.inBody) {
        receiver.partial = undefined
        if (!deliver(receiver, partial.compressed, partial.bytes, 0, partial.bytes.length, true, taken)) return
        continue
      }
      const length = readPrefix(receiver, partial.bytes, 0)
      if (length < 0) return
      const compressed = partial.bytes[0] === 1
      if (length === 0) {
        receiver.partial = undefined
        if (!deliver(receiver, compressed, partial.bytes, 0, 0, true, taken)) return
        continue
      }
      receiver.partial = { bytes: allocateMessage(length), filled: 0, inBody: true, compressed }
      receiver.onPartial(taken, length)
    }
  }
}

function deliver(
  receiver: MessageReceiver,
  compressed: boolean,
  bytes: Uint8Array,
  start: number,
  stop: number,
  owned: boolean,
  wireBytes: number,
): boolean {
  const { inflater } = receiver
  if (inflater === undefined) return receiver.onMessage(bytes, start, stop, owned, wireBytes)
  return inflater.push(compressed, bytes, start, stop, owned, wireBytes)
}

/** The error for a stream that ended inside a message, or `undefined` (checklist point 27). */
export function truncationError(receiver: MessageReceiver): StatusError | undefined {
  const partial = receiver.partial
  if (partial === undefined) return undefined
  const what = partial.inBody ? "message" : "message prefix"
  return new StatusError(
    "INTERNAL",
    `the stream ended inside a ${what}: ${partial.filled} of ${partial.bytes.length} bytes came`,
    { reason: "FARCALL_BROKEN_STREAM" },
  )
}

/** Writes the prefix of a message. */
export function writePrefix(into: Uint8Array, at: number, length: number, compressed = false): void {
  into[at] = compressed ? 1 : 0
  into[at + 1] = length >>> 24
  into[at + 2] = length >>> 16
  into[at + 3] = length >>> 8
  into[at + 4] = length
}

/** The length in the prefix at `at`; −1 when the message is refused, which the receiver has been told. */
function readPrefix(receiver: MessageReceiver, bytes: Uint8Array, at: number): number {
  const flag = bytes[at]!
  const length = ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!) >>> 0
  const known = flag === 0 || (flag === 1 && receiver.inflater !== undefined)
  if (known && length <= receiver.maxReceiveMessageLength) return length
  receiver.onFramingError(refusal(known, flag, length, receiver.maxReceiveMessageLength))
  return -1
}

function refusal(known: boolean, flag: number, length: number, limit: number): StatusError {
  if (known)
    return new StatusError(
      "RESOURCE_EXHAUSTED",
      `message is ${length} bytes, the limit is ${limit} (maxReceiveMessageLength)`,
      {
        reason: "FARCALL_MESSAGE_TOO_LONG",
      },
    )
  // Checklist points 27 and 33.
  const what = flag === 1 ? "is marked compressed, but no grpc-encoding was agreed" : `has the flag byte ${flag}`
  return new StatusError("INTERNAL", `message of ${length} bytes ${what}`, {
    reason: flag === 1 ? "FARCALL_COMPRESSION" : "FARCALL_BROKEN_STREAM",
  })
}

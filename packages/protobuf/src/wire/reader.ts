import { DecodeError, truncated } from "../decode-error.js"
import type { Described } from "../field-table.js"
import { MAX_DEPTH } from "../limits.js"
import { findMistake } from "./find-mistake.js"

const EMPTY = new Uint8Array(0)

/**
 * What one decoding shares. `position` is where a helper leaves off: generated code keeps the position in a local while
 * it can, and takes it from here after it called one. `stop` is the end of the outermost message.
 */
export class Reader {
  bytes: Uint8Array = EMPTY
  position: number = 0
  stop: number = 0
  /** How many levels may still be entered. */
  depth: number = MAX_DEPTH
  owned: boolean = false
  /** Where the end tag of the group begins that was passed over last. */
  groupEnd: number = 0
  /** Where the end tags begin of groups within groups, by where their contents begin; made for the first group. */
  groupEnds: Map<number, number> | undefined = undefined
}

/** One is enough: decoding calls nobody's code that could decode something else meanwhile. */
const reader = new Reader()

/**
 * The reader of bytes[start…stop). Generated code gives it back to `endDecoding` with the message it read; this is not one
 * function that is told how to read, because engines would not know whom it calls.
 */
export function beginDecoding(bytes: Uint8Array, start: number, stop: number, owned: boolean | undefined): Reader {
  reader.bytes = bytes
  reader.position = start
  reader.stop = stop
  reader.depth = MAX_DEPTH
  reader.owned = owned === true
  if (reader.groupEnds !== undefined) reader.groupEnds = undefined
  return reader
}

export function endDecoding<Message>(reader: Reader, message: Message): Message {
  reader.bytes = EMPTY
  return message
}

/** What decoding bytes[start…] threw: the same error with its place, where one is found. `type` explains it. */
export function explained(error: unknown, type: Described, reader: Reader, start: number): unknown {
  const { bytes, stop } = reader
  reader.bytes = EMPTY
  if (!(error instanceof DecodeError)) return error
  return findMistake(type, bytes, start, stop) ?? error
}

export function tooDeep(typeName: string): DecodeError {
  return new DecodeError(`${typeName} is nested more than ${MAX_DEPTH} levels deep`)
}

/** Reads the rest of a tag of several bytes, whose first byte is at `position`. */
export function readTag(reader: Reader, position: number): number {
  const tag = readVarint32(reader, position)
  const size = reader.position - position
  if (size > 5 || (size === 5 && reader.bytes[reader.position - 1]! > 0x0f)) {
    throw new DecodeError("a tag does not fit 32 bits")
  }
  return tag
}

/** Reads a length, and returns where what it measures ends. Nothing is allocated from a length before this check. */
export function readLength(reader: Reader, position: number, stop: number): number {
  let length = reader.bytes[position]!
  if (length < 0x80) reader.position = position + 1
  else length = readVarint32(reader, position)
  const end = reader.position + length
  if (!(end <= stop)) throw truncated()
  return end
}

/** Reads a varint of any size and returns its low 32 bits, unsigned. Written out: lengths of two and three bytes are frequent. */
export function readVarint32(reader: Reader, position: number): number {
  const bytes = reader.bytes
  let byte = bytes[position++]!
  let value = byte & 0x7f
  if (byte > 0x7f) {
    byte = bytes[position++]!
    value |= (byte & 0x7f) << 7
    if (byte > 0x7f) {
      byte = bytes[position++]!
      value |= (byte & 0x7f) << 14
      if (byte > 0x7f) {
        byte = bytes[position++]!
        value |= (byte & 0x7f) << 21
        if (byte > 0x7f) {
          byte = bytes[position++]!
          value |= byte << 28
          // Up to ten bytes are taken, as writers may sign-extend to 64 bits; what is above bit 31 is dropped.
          for (let size = 5; byte > 0x7f; size++) {
            if (size === 10) throw new DecodeError("a varint has more than ten bytes")
            byte = bytes[position++]!
          }
        }
      }
    }
  }
  if (byte === undefined || position > reader.stop) throw truncated()
  reader.position = position
  return value >>> 0
}

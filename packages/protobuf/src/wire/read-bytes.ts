import { truncated } from "../decode-error.js"
import { type Reader, readVarint32 } from "./reader.js"

/** What a bytes field holds that was not sent. An array of no bytes can be shared by all. */
export const NO_BYTES: Uint8Array = new Uint8Array(0)

/** A view costs less than a copy from here on; a smaller one would pin its buffer for little. */
const VIEW_MIN = 64

/** So few bytes a loop copies faster than a call does. */
const LOOP_MAX = 12

// A Buffer's subarray would be a Buffer, and to ask an array what it is takes as long as to make half of a view: V8 looks
// up what typed arrays inherit each time. These it calls at once.
const bufferOf = getterOf<ArrayBuffer>("buffer")
const byteOffsetOf = getterOf<number>("byteOffset")

function getterOf<Value>(name: "buffer" | "byteOffset"): (this: Uint8Array) => Value {
  return Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), name)!.get!
}

/** Reads a length and so many bytes. */
export function readBytes(reader: Reader, position: number): Uint8Array {
  const length = readVarint32(reader, position)
  const start = reader.position
  const end = start + length
  if (!(end <= reader.stop)) throw truncated()
  reader.position = end
  return takeBytes(reader, start, end)
}

/** bytes[start…end), as a view when the bytes belong to the message, else as a copy. Always a plain Uint8Array, never a Buffer. */
export function takeBytes(reader: Reader, start: number, end: number): Uint8Array {
  const bytes = reader.bytes
  const length = end - start
  if (reader.owned && length > VIEW_MIN) {
    return new Uint8Array(bufferOf.call(bytes), byteOffsetOf.call(bytes) + start, length)
  }
  // A Buffer's slice would be a view.
  if (length > LOOP_MAX && bytes.constructor === Uint8Array) return bytes.slice(start, end)
  const copy = new Uint8Array(length)
  if (length <= LOOP_MAX) for (let i = 0; i < length; i++) copy[i] = bytes[start + i]!
  else copy.set(bytes.subarray(start, end))
  return copy
}

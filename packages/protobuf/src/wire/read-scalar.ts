import { DecodeError, truncated } from "../decode-error.js"
import type { Reader } from "./reader.js"
import { scratch } from "./scratch.js"

const { float32s, float64s, HIGH, int32s, LOW } = scratch

// Each reads a value at `position` and leaves the position after it in `reader.position`; the fixed-size ones need no
// reader, because their callers know the size. Varints of 32 bits are read in the generated code, in the common case.

export function readInt64(reader: Reader, position: number): bigint {
  loadVarint64(reader, position)
  return signed64(int32s[0]!, int32s[1]!)
}

export function readUint64(reader: Reader, position: number): bigint {
  loadVarint64(reader, position)
  return unsigned64(int32s[0]!, int32s[1]!)
}

export function readSint64(reader: Reader, position: number): bigint {
  loadVarint64(reader, position)
  const low = int32s[0]!
  const high = int32s[1]!
  const sign = -(low & 1)
  return signed64(((low >>> 1) | (high << 31)) ^ sign, (high >>> 1) ^ sign)
}

// A 64-bit integer of two halves. Engines keep all of this in registers; to put the halves in memory and read the whole
// from there is twice as slow, because a processor waits for two small writes before one large read of them.

function signed64(low: number, high: number): bigint {
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0))
}

function unsigned64(low: number, high: number): bigint {
  return BigInt.asUintN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0))
}

/** Any of a varint's 64 bits makes a bool true. */
export function readBool(reader: Reader, position: number): boolean {
  loadVarint64(reader, position)
  return (int32s[0]! | int32s[1]!) !== 0
}

export function readSfixed32(bytes: Uint8Array, position: number): number {
  return bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16) | (bytes[position + 3]! << 24)
}

export function readFixed32(bytes: Uint8Array, position: number): number {
  return readSfixed32(bytes, position) >>> 0
}

export function readFloat(bytes: Uint8Array, position: number): number {
  int32s[0] = readSfixed32(bytes, position)
  return float32s[0]!
}

export function readDouble(bytes: Uint8Array, position: number): number {
  int32s[LOW] = readSfixed32(bytes, position)
  int32s[HIGH] = readSfixed32(bytes, position + 4)
  return float64s[0]!
}

export function readFixed64(bytes: Uint8Array, position: number): bigint {
  return unsigned64(readSfixed32(bytes, position), readSfixed32(bytes, position + 4))
}

export function readSfixed64(bytes: Uint8Array, position: number): bigint {
  return signed64(readSfixed32(bytes, position), readSfixed32(bytes, position + 4))
}

export function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1)
}

/** Reads a varint; its low half is in `int32s[0]` then, its high half in `int32s[1]`. */
export function loadVarint64(reader: Reader, position: number): void {
  const bytes = reader.bytes
  let byte = bytes[position++]!
  let low = byte & 0x7f
  let high = 0
  if (byte > 0x7f) {
    byte = bytes[position++]!
    low |= (byte & 0x7f) << 7
    if (byte > 0x7f) {
      byte = bytes[position++]!
      low |= (byte & 0x7f) << 14
      if (byte > 0x7f) {
        byte = bytes[position++]!
        low |= (byte & 0x7f) << 21
        if (byte > 0x7f) {
          byte = bytes[position++]!
          low |= (byte & 0x7f) << 28
          high = (byte & 0x7f) >> 4
          for (let shift = 3; byte > 0x7f; shift += 7) {
            if (shift > 31) throw new DecodeError("a varint has more than ten bytes")
            byte = bytes[position++]!
            high |= (byte & 0x7f) << shift
          }
        }
      }
    }
  }
  if (byte === undefined || position > reader.stop) throw truncated()
  reader.position = position
  int32s[0] = low
  int32s[1] = high
}

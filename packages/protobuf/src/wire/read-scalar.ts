import { DecodeError, truncated } from "../decode-error.js"
import type { Reader } from "./reader.js"
import { float32s, float64s, HIGH, int32s, int64s, LOW, uint64s } from "./scratch.js"

// Each reads a value at `position` and leaves the position after it in `reader.position`; the fixed-size ones need no
// reader, because their callers know the size. Varints of 32 bits are read in the generated code, in the common case.

export function readInt64(reader: Reader, position: number): bigint {
  loadVarint64(reader, position)
  return int64s[0]!
}

export function readUint64(reader: Reader, position: number): bigint {
  loadVarint64(reader, position)
  return uint64s[0]!
}

export function readSint64(reader: Reader, position: number): bigint {
  loadVarint64(reader, position)
  const low = int32s[LOW]!
  const high = int32s[HIGH]!
  const sign = -(low & 1)
  int32s[LOW] = ((low >>> 1) | (high << 31)) ^ sign
  int32s[HIGH] = (high >>> 1) ^ sign
  return int64s[0]!
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
  load64(bytes, position)
  return float64s[0]!
}

export function readFixed64(bytes: Uint8Array, position: number): bigint {
  load64(bytes, position)
  return uint64s[0]!
}

export function readSfixed64(bytes: Uint8Array, position: number): bigint {
  load64(bytes, position)
  return int64s[0]!
}

export function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1)
}

function load64(bytes: Uint8Array, position: number): void {
  int32s[LOW] = readSfixed32(bytes, position)
  int32s[HIGH] = readSfixed32(bytes, position + 4)
}

/** Reads a varint into the scratch cell. */
function loadVarint64(reader: Reader, position: number): void {
  const bytes = reader.bytes
  let byte = bytes[position++]!
  let low = byte & 0x7f
  let high = 0
  if (byte > 0x7f) {
    for (let shift = 7; byte > 0x7f && shift < 28; shift += 7) {
      byte = bytes[position++]!
      low |= (byte & 0x7f) << shift
    }
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
  if (byte === undefined || position > reader.stop) throw truncated()
  reader.position = position
  int32s[LOW] = low
  int32s[HIGH] = high
}

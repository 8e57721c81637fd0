import type { UnknownField } from "@bufbuild/protobuf"
import { DecodeError, truncated } from "../decode-error.js"
import {
  readBool,
  readFixed32,
  readFixed64,
  readInt64,
  readSfixed32,
  readSfixed64,
  readSint64,
  readUint64,
  unzigzag,
} from "./read-scalar.js"
import { type Reader, readVarint32 } from "./reader.js"
import { float32s, float64s, HIGH, int32s, LOW } from "./scratch.js"
import { keepUnknownEnum } from "./unknown-fields.js"

// Packed repeated fields: bytes[reader.position…end) appended to `list`. The list is made as long as it will be before
// the first value is stored; how long that is is counted in the bytes that are there, never taken from what they claim.

/** Varints end with the bytes under 0x80. */
function countVarints(bytes: Uint8Array, position: number, end: number): number {
  let count = 0
  while (position < end) count += (bytes[position++]! >> 7) ^ 1
  return count
}

function countFixed(size: number, length: number): number {
  if (length % size !== 0) throw new DecodeError(`a packed field of ${size}-byte values has ${length} bytes`)
  return length / size
}

/** The list to fill, `count` longer than before. */
function extend<Value>(list: Value[], count: number): Value[] {
  if (list.length === 0) return new Array<Value>(count)
  list.length += count
  return list
}

export function readPackedInt32(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  list = extend(list, countVarints(bytes, position, end))
  while (position < end) {
    let value = bytes[position++]!
    if (value > 0x7f) {
      const next = bytes[position++]!
      if (next < 0x80) value = (value & 0x7f) | (next << 7)
      else {
        value = readVarint32(reader, position - 2) | 0
        position = reader.position
      }
    }
    list[i++] = value
  }
  if (position !== end) throw truncated()
  return list
}

/** Values that a closed enum has go into the list, others are kept beside it; returns the unknown fields. */
export function readPackedEnum(
  reader: Reader,
  end: number,
  list: number[],
  known: ReadonlySet<number>,
  number: number,
  unknown: UnknownField[] | undefined,
): UnknownField[] | undefined {
  for (const value of readPackedInt32(reader, end, [])) {
    if (known.has(value)) list.push(value)
    else unknown = keepUnknownEnum(value, number, unknown)
  }
  return unknown
}

export function readPackedUint32(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  list = extend(list, countVarints(bytes, position, end))
  while (position < end) {
    let value = bytes[position++]!
    if (value > 0x7f) {
      value = readVarint32(reader, position - 1)
      position = reader.position
    }
    list[i++] = value
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedSint32(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  list = extend(list, countVarints(bytes, position, end))
  while (position < end) {
    let value = bytes[position++]!
    if (value > 0x7f) {
      value = readVarint32(reader, position - 1)
      position = reader.position
    }
    list[i++] = unzigzag(value)
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedBool(reader: Reader, end: number, list: boolean[]): boolean[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  list = extend(list, countVarints(bytes, position, end))
  while (position < end) {
    list[i++] = readBool(reader, position)
    position = reader.position
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedInt64(reader: Reader, end: number, list: bigint[]): bigint[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  list = extend(list, countVarints(bytes, position, end))
  while (position < end) {
    list[i++] = readInt64(reader, position)
    position = reader.position
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedUint64(reader: Reader, end: number, list: bigint[]): bigint[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  list = extend(list, countVarints(bytes, position, end))
  while (position < end) {
    list[i++] = readUint64(reader, position)
    position = reader.position
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedSint64(reader: Reader, end: number, list: bigint[]): bigint[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  list = extend(list, countVarints(bytes, position, end))
  while (position < end) {
    list[i++] = readSint64(reader, position)
    position = reader.position
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedFixed32(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let i = list.length
  list = extend(list, countFixed(4, end - reader.position))
  for (let position = reader.position; position < end; position += 4) list[i++] = readFixed32(bytes, position)
  return list
}

export function readPackedSfixed32(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let i = list.length
  list = extend(list, countFixed(4, end - reader.position))
  for (let position = reader.position; position < end; position += 4) list[i++] = readSfixed32(bytes, position)
  return list
}

export function readPackedFixed64(reader: Reader, end: number, list: bigint[]): bigint[] {
  const bytes = reader.bytes
  let i = list.length
  list = extend(list, countFixed(8, end - reader.position))
  for (let position = reader.position; position < end; position += 8) list[i++] = readFixed64(bytes, position)
  return list
}

export function readPackedSfixed64(reader: Reader, end: number, list: bigint[]): bigint[] {
  const bytes = reader.bytes
  let i = list.length
  list = extend(list, countFixed(8, end - reader.position))
  for (let position = reader.position; position < end; position += 8) list[i++] = readSfixed64(bytes, position)
  return list
}

/** From so many bytes on, making a DataView pays. */
const VIEW_MIN = 256

export function readPackedFloat(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  list = extend(list, countFixed(4, end - position))
  if (end - position < VIEW_MIN) {
    for (; position < end; position += 4) {
      int32s[0] = readSfixed32(bytes, position)
      list[i++] = float32s[0]!
    }
    return list
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (; position < end; position += 4) list[i++] = view.getFloat32(position, true)
  return list
}

export function readPackedDouble(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  list = extend(list, countFixed(8, end - position))
  if (end - position < VIEW_MIN) {
    for (; position < end; position += 8) {
      int32s[LOW] = readSfixed32(bytes, position)
      int32s[HIGH] = readSfixed32(bytes, position + 4)
      list[i++] = float64s[0]!
    }
    return list
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (; position < end; position += 8) list[i++] = view.getFloat64(position, true)
  return list
}

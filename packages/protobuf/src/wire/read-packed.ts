import type { UnknownField } from "@bufbuild/protobuf"
import { DecodeError, truncated } from "../decode-error.js"
import {
  loadVarint64,
  readBool,
  readFixed32,
  readFixed64,
  readFloat,
  readSfixed32,
  readSfixed64,
  unzigzag,
} from "./read-scalar.js"
import { type Reader, readVarint32 } from "./reader.js"
import { scratch } from "./scratch.js"
import { keepUnknownEnum } from "./unknown-fields.js"

const { HIGH, int32s, LOW } = scratch

// Packed repeated fields: bytes[reader.position…end) appended to `list`. Each function makes its own arrays: engines
// remember for each place in the code what the arrays that it makes come to hold, and lay out the next one accordingly.

/**
 * So many values are read into a scratch cell first, and then put into a list of the right length. Only behind the first
 * of these chunks are the values counted that are still to come.
 */
const CHUNK = 1024

const halves = new Int32Array(CHUNK * 2)
const int32Values = halves.subarray(0, CHUNK)
const uint32Values = new Uint32Array(halves.buffer, 0, CHUNK)
const int64Values = new BigInt64Array(halves.buffer)
const uint64Values = new BigUint64Array(halves.buffer)
const float64Values = new Float64Array(halves.buffer)

/** How many varints there are: they end with the bytes under 0x80. What a list is made for is there, never only claimed. */
function countVarints(bytes: Uint8Array, position: number, end: number): number {
  let count = 0
  while (position < end) count += (bytes[position++]! >> 7) ^ 1
  return count
}

function countFixed(size: number, length: number): number {
  if (length % size !== 0) throw new DecodeError(`a packed field of ${size}-byte values has ${length} bytes`)
  return length / size
}

function lengthened<Value>(list: Value[], count: number): Value[] {
  list.length += count
  return list
}

export function readPackedInt32(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  for (let begun = false; position < end; begun = true) {
    let count = 0
    while (position < end && count < CHUNK) {
      let value = bytes[position++]!
      if (value > 0x7f) {
        const next = bytes[position++]!
        if (next < 0x80) value = (value & 0x7f) | (next << 7)
        else {
          const third = bytes[position++]!
          if (third < 0x80) value = (value & 0x7f) | ((next & 0x7f) << 7) | (third << 14)
          else {
            value = readVarint32(reader, position - 3)
            position = reader.position
          }
        }
      }
      int32Values[count++] = value
    }
    if (!begun) {
      const total = count + countVarints(bytes, position, end)
      list = i === 0 ? new Array<number>(total) : lengthened(list, total)
    }
    for (let k = 0; k < count; k++) list[i++] = int32Values[k]!
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
  for (let begun = false; position < end; begun = true) {
    let count = 0
    while (position < end && count < CHUNK) {
      let value = bytes[position++]!
      if (value > 0x7f) {
        const next = bytes[position++]!
        if (next < 0x80) value = (value & 0x7f) | (next << 7)
        else {
          const third = bytes[position++]!
          if (third < 0x80) value = (value & 0x7f) | ((next & 0x7f) << 7) | (third << 14)
          else {
            value = readVarint32(reader, position - 3)
            position = reader.position
          }
        }
      }
      int32Values[count++] = value
    }
    if (!begun) {
      const total = count + countVarints(bytes, position, end)
      list = i === 0 ? new Array<number>(total) : lengthened(list, total)
    }
    for (let k = 0; k < count; k++) list[i++] = uint32Values[k]!
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedSint32(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  for (let begun = false; position < end; begun = true) {
    let count = 0
    while (position < end && count < CHUNK) {
      let value = bytes[position++]!
      if (value > 0x7f) {
        const next = bytes[position++]!
        if (next < 0x80) value = (value & 0x7f) | (next << 7)
        else {
          const third = bytes[position++]!
          if (third < 0x80) value = (value & 0x7f) | ((next & 0x7f) << 7) | (third << 14)
          else {
            value = readVarint32(reader, position - 3)
            position = reader.position
          }
        }
      }
      int32Values[count++] = unzigzag(value)
    }
    if (!begun) {
      const total = count + countVarints(bytes, position, end)
      list = i === 0 ? new Array<number>(total) : lengthened(list, total)
    }
    for (let k = 0; k < count; k++) list[i++] = int32Values[k]!
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedBool(reader: Reader, end: number, list: boolean[]): boolean[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  const count = countVarints(bytes, position, end)
  list = i === 0 ? new Array<boolean>(count) : lengthened(list, count)
  while (position < end) {
    const value = bytes[position++]!
    if (value < 2) list[i++] = value === 1
    else {
      list[i++] = readBool(reader, position - 1)
      position = reader.position
    }
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedInt64(reader: Reader, end: number, list: bigint[]): bigint[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  for (let begun = false; position < end; begun = true) {
    let count = 0
    while (position < end && count < CHUNK) {
      loadVarint64(reader, position)
      position = reader.position
      halves[count * 2 + LOW] = int32s[0]!
      halves[count * 2 + HIGH] = int32s[1]!
      count++
    }
    if (!begun) {
      const total = count + countVarints(bytes, position, end)
      list = i === 0 ? new Array<bigint>(total) : lengthened(list, total)
    }
    for (let k = 0; k < count; k++) list[i++] = int64Values[k]!
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedUint64(reader: Reader, end: number, list: bigint[]): bigint[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  for (let begun = false; position < end; begun = true) {
    let count = 0
    while (position < end && count < CHUNK) {
      loadVarint64(reader, position)
      position = reader.position
      halves[count * 2 + LOW] = int32s[0]!
      halves[count * 2 + HIGH] = int32s[1]!
      count++
    }
    if (!begun) {
      const total = count + countVarints(bytes, position, end)
      list = i === 0 ? new Array<bigint>(total) : lengthened(list, total)
    }
    for (let k = 0; k < count; k++) list[i++] = uint64Values[k]!
  }
  if (position !== end) throw truncated()
  return list
}

export function readPackedSint64(reader: Reader, end: number, list: bigint[]): bigint[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  for (let begun = false; position < end; begun = true) {
    let count = 0
    while (position < end && count < CHUNK) {
      loadVarint64(reader, position)
      position = reader.position
      const low = int32s[0]!
      const high = int32s[1]!
      const sign = -(low & 1)
      halves[count * 2 + LOW] = ((low >>> 1) | (high << 31)) ^ sign
      halves[count * 2 + HIGH] = (high >>> 1) ^ sign
      count++
    }
    if (!begun) {
      const total = count + countVarints(bytes, position, end)
      list = i === 0 ? new Array<bigint>(total) : lengthened(list, total)
    }
    for (let k = 0; k < count; k++) list[i++] = int64Values[k]!
  }
  if (position !== end) throw truncated()
  return list
}

/** From so many bytes on, making a DataView pays. */
const VIEW_MIN = 192

export function readPackedFixed32(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  const count = countFixed(4, end - position)
  list = i === 0 ? new Array<number>(count) : lengthened(list, count)
  if (end - position < VIEW_MIN) {
    for (; position < end; position += 4) list[i++] = readFixed32(bytes, position)
    return list
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (; position < end; position += 4) list[i++] = view.getUint32(position, true)
  return list
}

export function readPackedSfixed32(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  const count = countFixed(4, end - position)
  list = i === 0 ? new Array<number>(count) : lengthened(list, count)
  if (end - position < VIEW_MIN) {
    for (; position < end; position += 4) list[i++] = readSfixed32(bytes, position)
    return list
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (; position < end; position += 4) list[i++] = view.getInt32(position, true)
  return list
}

export function readPackedFixed64(reader: Reader, end: number, list: bigint[]): bigint[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  const count = countFixed(8, end - position)
  list = i === 0 ? new Array<bigint>(count) : lengthened(list, count)
  if (end - position < VIEW_MIN) {
    for (; position < end; position += 8) list[i++] = readFixed64(bytes, position)
    return list
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (; position < end; position += 8) list[i++] = view.getBigUint64(position, true)
  return list
}

export function readPackedSfixed64(reader: Reader, end: number, list: bigint[]): bigint[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  const count = countFixed(8, end - position)
  list = i === 0 ? new Array<bigint>(count) : lengthened(list, count)
  if (end - position < VIEW_MIN) {
    for (; position < end; position += 8) list[i++] = readSfixed64(bytes, position)
    return list
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (; position < end; position += 8) list[i++] = view.getBigInt64(position, true)
  return list
}

export function readPackedFloat(reader: Reader, end: number, list: number[]): number[] {
  const bytes = reader.bytes
  let position = reader.position
  let i = list.length
  const count = countFixed(4, end - position)
  list = i === 0 ? new Array<number>(count) : lengthened(list, count)
  if (end - position < VIEW_MIN) {
    for (; position < end; position += 4) list[i++] = readFloat(bytes, position)
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
  const count = countFixed(8, end - position)
  list = i === 0 ? new Array<number>(count) : lengthened(list, count)
  if (end - position < VIEW_MIN) {
    for (let k = 0; position < end; position += 8, k += 2) {
      halves[k + LOW] = readSfixed32(bytes, position)
      halves[k + HIGH] = readSfixed32(bytes, position + 4)
    }
    for (let k = 0; k < count; k++) list[i++] = float64Values[k]!
    return list
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (; position < end; position += 8) list[i++] = view.getFloat64(position, true)
  return list
}

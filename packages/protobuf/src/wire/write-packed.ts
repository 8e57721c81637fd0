import type { ByteSink } from "../codec.js"
import { checkList, toInt32, toUint32, wrongType } from "./field-value.js"
import { scratch } from "./scratch.js"
import { beginLength, endLength, grow, writeTwoBytes, writeVarint32 } from "./sink.js"
import {
  checkedFloat,
  loadFloat,
  loadInt64,
  loadUint64,
  storeInt32,
  storeLoaded64,
  writeNegative,
  writeVarint64,
  writeZigzag64,
} from "./write-scalar.js"

const { float64s, HIGH, int32s, LOW } = scratch

// Packed repeated fields: a tag, a length, the values without tags; nothing at all for an empty list. The loops are
// written out for each type, because one loop that calls a function per element is several times slower.

type Int64Init = bigint | number | string

/** So many values are written between two looks at the room that is left. */
const BATCH = 64

/** Room for a batch of varints of ten bytes. */
function reserveBatch(sink: ByteSink, position: number): Uint8Array {
  if (position + BATCH * 10 > sink.limit) grow(sink, position, BATCH * 10)
  return sink.buffer
}

export function writePackedInt32(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly number[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  const start = beginLength(sink, position, tag)
  position = start
  for (let i = 0; i < length; ) {
    const buffer = reserveBatch(sink, position)
    for (const end = Math.min(i + BATCH, length); i < end; i++) {
      let value = list[i]!
      if ((value | 0) !== value) value = toInt32(value, field)
      if (value >>> 0 < 0x80) buffer[position++] = value
      else if (value >>> 0 < 0x4000) position = writeTwoBytes(buffer, position, value)
      else if (value > 0) position = writeVarint32(buffer, position, value)
      else position = writeNegative(buffer, position, value)
    }
  }
  return endLength(sink, start, position)
}

export function writePackedUint32(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly number[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  const start = beginLength(sink, position, tag)
  position = start
  for (let i = 0; i < length; ) {
    const buffer = reserveBatch(sink, position)
    for (const end = Math.min(i + BATCH, length); i < end; i++) {
      let value = list[i]!
      if (value >>> 0 !== value) value = toUint32(value, field)
      if (value < 0x80) buffer[position++] = value
      else if (value < 0x4000) position = writeTwoBytes(buffer, position, value)
      else position = writeVarint32(buffer, position, value)
    }
  }
  return endLength(sink, start, position)
}

export function writePackedSint32(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly number[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  const start = beginLength(sink, position, tag)
  position = start
  for (let i = 0; i < length; ) {
    const buffer = reserveBatch(sink, position)
    for (const end = Math.min(i + BATCH, length); i < end; i++) {
      let value = list[i]!
      if ((value | 0) !== value) value = toInt32(value, field)
      const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
      if (zigzag < 0x80) buffer[position++] = zigzag
      else if (zigzag < 0x4000) position = writeTwoBytes(buffer, position, zigzag)
      else position = writeVarint32(buffer, position, zigzag)
    }
  }
  return endLength(sink, start, position)
}

export function writePackedBool(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly boolean[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  const start = beginLength(sink, position, tag)
  position = start
  for (let i = 0; i < length; ) {
    const buffer = reserveBatch(sink, position)
    for (const end = Math.min(i + BATCH, length); i < end; i++) {
      const value = list[i]!
      if (value === true) buffer[position++] = 1
      else if (value === false) buffer[position++] = 0
      else wrongType(value, "a bool", field)
    }
  }
  return endLength(sink, start, position)
}

export function writePackedInt64(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly Int64Init[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  const start = beginLength(sink, position, tag)
  position = start
  for (let i = 0; i < length; ) {
    const buffer = reserveBatch(sink, position)
    for (const end = Math.min(i + BATCH, length); i < end; i++) {
      loadInt64(list[i]!, field)
      position = writeVarint64(buffer, position, int32s[LOW]!, int32s[HIGH]!)
    }
  }
  return endLength(sink, start, position)
}

export function writePackedUint64(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly Int64Init[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  const start = beginLength(sink, position, tag)
  position = start
  for (let i = 0; i < length; ) {
    const buffer = reserveBatch(sink, position)
    for (const end = Math.min(i + BATCH, length); i < end; i++) {
      loadUint64(list[i]!, field)
      position = writeVarint64(buffer, position, int32s[LOW]!, int32s[HIGH]!)
    }
  }
  return endLength(sink, start, position)
}

export function writePackedSint64(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly Int64Init[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  const start = beginLength(sink, position, tag)
  position = start
  for (let i = 0; i < length; ) {
    const buffer = reserveBatch(sink, position)
    for (const end = Math.min(i + BATCH, length); i < end; i++) {
      loadInt64(list[i]!, field)
      position = writeZigzag64(buffer, position, int32s[LOW]!, int32s[HIGH]!)
    }
  }
  return endLength(sink, start, position)
}

/** From so many values on, making a DataView pays. */
const VIEW_MIN = 32

function viewOf(buffer: Uint8Array): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

/** Tag and length of values of a fixed size, and room for them. */
function writeFixedHead(sink: ByteSink, position: number, tag: number, size: number): number {
  if (position + size + 10 > sink.limit) grow(sink, position, size + 10)
  position = writeVarint32(sink.buffer, position, tag)
  return writeVarint32(sink.buffer, position, size)
}

export function writePackedFixed32(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly number[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  position = writeFixedHead(sink, position, tag, length * 4)
  const buffer = sink.buffer
  if (length < VIEW_MIN) {
    for (let i = 0; i < length; i++) {
      let value = list[i]!
      if (value >>> 0 !== value) value = toUint32(value, field)
      position = storeInt32(buffer, position, value)
    }
    return position
  }
  const view = viewOf(buffer)
  for (let i = 0; i < length; i++, position += 4) {
    let value = list[i]!
    if (value >>> 0 !== value) value = toUint32(value, field)
    view.setUint32(position, value, true)
  }
  return position
}

export function writePackedSfixed32(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly number[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  position = writeFixedHead(sink, position, tag, length * 4)
  const buffer = sink.buffer
  if (length < VIEW_MIN) {
    for (let i = 0; i < length; i++) {
      let value = list[i]!
      if ((value | 0) !== value) value = toInt32(value, field)
      position = storeInt32(buffer, position, value)
    }
    return position
  }
  const view = viewOf(buffer)
  for (let i = 0; i < length; i++, position += 4) {
    let value = list[i]!
    if ((value | 0) !== value) value = toInt32(value, field)
    view.setInt32(position, value, true)
  }
  return position
}

export function writePackedFixed64(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly Int64Init[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  position = writeFixedHead(sink, position, tag, length * 8)
  const buffer = sink.buffer
  for (let i = 0; i < length; i++) {
    loadUint64(list[i]!, field)
    position = storeLoaded64(buffer, position)
  }
  return position
}

export function writePackedSfixed64(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly Int64Init[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  position = writeFixedHead(sink, position, tag, length * 8)
  const buffer = sink.buffer
  for (let i = 0; i < length; i++) {
    loadInt64(list[i]!, field)
    position = storeLoaded64(buffer, position)
  }
  return position
}

export function writePackedFloat(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly number[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  position = writeFixedHead(sink, position, tag, length * 4)
  const buffer = sink.buffer
  if (length < VIEW_MIN) {
    for (let i = 0; i < length; i++) {
      loadFloat(list[i]!, field)
      position = storeInt32(buffer, position, int32s[0]!)
    }
    return position
  }
  const view = viewOf(buffer)
  for (let i = 0; i < length; i++, position += 4) view.setFloat32(position, checkedFloat(list[i]!, field), true)
  return position
}

export function writePackedDouble(
  sink: ByteSink,
  position: number,
  tag: number,
  list: readonly number[],
  field: string,
): number {
  checkList(list, field)
  const length = list.length
  if (length === 0) return position
  position = writeFixedHead(sink, position, tag, length * 8)
  const buffer = sink.buffer
  if (length < VIEW_MIN) {
    for (let i = 0; i < length; i++) {
      const value = list[i]!
      if (typeof value !== "number") wrongType(value, "a double", field)
      float64s[0] = value
      position = storeLoaded64(buffer, position)
    }
    return position
  }
  const view = viewOf(buffer)
  for (let i = 0; i < length; i++, position += 8) {
    const value = list[i]!
    if (typeof value !== "number") wrongType(value, "a double", field)
    view.setFloat64(position, value, true)
  }
  return position
}

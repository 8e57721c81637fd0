import type { ByteSink } from "../codec.js"
import { toBytes, toFloat, toInt32, toInt64, toUint32, toUint64, wrongType } from "./field-value.js"
import { scratch } from "./scratch.js"
import { grow, writeVarint32 } from "./sink.js"

const { float32s, float64s, HIGH, int32s, int64s, LOW, uint64s } = scratch

// Each writes a tag and a value at `position` and returns the position after them. A tag has at most 5 bytes.

export function writeInt32(sink: ByteSink, position: number, tag: number, value: number, field: string): number {
  if ((value | 0) !== value) value = toInt32(value, field)
  if (position + 15 > sink.limit) grow(sink, position, 15)
  const buffer = sink.buffer
  if (tag < 0x80) buffer[position++] = tag
  else position = writeVarint32(buffer, position, tag)
  if (value >= 0) {
    if (value < 0x80) {
      buffer[position] = value
      return position + 1
    }
    return writeVarint32(buffer, position, value)
  }
  return writeNegative(buffer, position, value)
}

export function writeUint32(sink: ByteSink, position: number, tag: number, value: number, field: string): number {
  if (value >>> 0 !== value) value = toUint32(value, field)
  return writeUnsigned(sink, position, tag, value)
}

export function writeSint32(sink: ByteSink, position: number, tag: number, value: number, field: string): number {
  if ((value | 0) !== value) value = toInt32(value, field)
  return writeUnsigned(sink, position, tag, ((value << 1) ^ (value >> 31)) >>> 0)
}

export function writeBool(sink: ByteSink, position: number, tag: number, value: boolean, field: string): number {
  if (typeof value !== "boolean") wrongType(value, "a bool", field)
  return writeUnsigned(sink, position, tag, value ? 1 : 0)
}

export function writeInt64(
  sink: ByteSink,
  position: number,
  tag: number,
  value: bigint | number | string,
  field: string,
): number {
  loadInt64(value, field)
  position = writeHead(sink, position, tag)
  return writeVarint64(sink.buffer, position, int32s[LOW]!, int32s[HIGH]!)
}

export function writeUint64(
  sink: ByteSink,
  position: number,
  tag: number,
  value: bigint | number | string,
  field: string,
): number {
  loadUint64(value, field)
  position = writeHead(sink, position, tag)
  return writeVarint64(sink.buffer, position, int32s[LOW]!, int32s[HIGH]!)
}

export function writeSint64(
  sink: ByteSink,
  position: number,
  tag: number,
  value: bigint | number | string,
  field: string,
): number {
  loadInt64(value, field)
  position = writeHead(sink, position, tag)
  return writeZigzag64(sink.buffer, position, int32s[LOW]!, int32s[HIGH]!)
}

export function writeFixed32(sink: ByteSink, position: number, tag: number, value: number, field: string): number {
  if (value >>> 0 !== value) value = toUint32(value, field)
  position = writeHead(sink, position, tag)
  return storeInt32(sink.buffer, position, value)
}

export function writeSfixed32(sink: ByteSink, position: number, tag: number, value: number, field: string): number {
  if ((value | 0) !== value) value = toInt32(value, field)
  position = writeHead(sink, position, tag)
  return storeInt32(sink.buffer, position, value)
}

export function writeFixed64(
  sink: ByteSink,
  position: number,
  tag: number,
  value: bigint | number | string,
  field: string,
): number {
  loadUint64(value, field)
  position = writeHead(sink, position, tag)
  return storeLoaded64(sink.buffer, position)
}

export function writeSfixed64(
  sink: ByteSink,
  position: number,
  tag: number,
  value: bigint | number | string,
  field: string,
): number {
  loadInt64(value, field)
  position = writeHead(sink, position, tag)
  return storeLoaded64(sink.buffer, position)
}

export function writeFloat(sink: ByteSink, position: number, tag: number, value: number, field: string): number {
  loadFloat(value, field)
  position = writeHead(sink, position, tag)
  return storeInt32(sink.buffer, position, int32s[0]!)
}

export function writeDouble(sink: ByteSink, position: number, tag: number, value: number, field: string): number {
  if (typeof value !== "number") wrongType(value, "a double", field)
  position = writeHead(sink, position, tag)
  float64s[0] = value
  return storeLoaded64(sink.buffer, position)
}

export function writeBytes(sink: ByteSink, position: number, tag: number, value: Uint8Array, field: string): number {
  if (!(value instanceof Uint8Array)) value = toBytes(value, field)
  const length = value.length
  if (position + length + 10 > sink.limit) grow(sink, position, length + 10)
  const buffer = sink.buffer
  position = writeVarint32(buffer, position, tag)
  position = writeVarint32(buffer, position, length)
  // Calling set() costs as much as a loop over so many bytes.
  if (length <= 8) for (let i = 0; i < length; i++) buffer[position + i] = value[i]!
  else buffer.set(value, position)
  return position + length
}

function writeUnsigned(sink: ByteSink, position: number, tag: number, value: number): number {
  if (position + 10 > sink.limit) grow(sink, position, 10)
  const buffer = sink.buffer
  if (tag < 0x80) buffer[position++] = tag
  else position = writeVarint32(buffer, position, tag)
  if (value < 0x80) {
    buffer[position] = value
    return position + 1
  }
  return writeVarint32(buffer, position, value)
}

/** Makes room for tag and value, which are at most 5 and 10 bytes, and writes the tag. */
function writeHead(sink: ByteSink, position: number, tag: number): number {
  if (position + 15 > sink.limit) grow(sink, position, 15)
  if (tag < 0x80) {
    sink.buffer[position] = tag
    return position + 1
  }
  return writeVarint32(sink.buffer, position, tag)
}

/** Negative 32-bit integers are written sign-extended to 64 bits, in ten bytes (the encoding guide, "signed integers"). */
export function writeNegative(buffer: Uint8Array, position: number, value: number): number {
  buffer[position] = value | 0x80
  buffer[position + 1] = (value >> 7) | 0x80
  buffer[position + 2] = (value >> 14) | 0x80
  buffer[position + 3] = (value >> 21) | 0x80
  buffer[position + 4] = (value >> 28) | 0x80
  buffer[position + 5] = 0xff
  buffer[position + 6] = 0xff
  buffer[position + 7] = 0xff
  buffer[position + 8] = 0xff
  buffer[position + 9] = 1
  return position + 10
}

export function writeVarint64(buffer: Uint8Array, position: number, low: number, high: number): number {
  low >>>= 0
  if (high === 0) return writeVarint32(buffer, position, low)
  buffer[position] = (low & 0x7f) | 0x80
  buffer[position + 1] = ((low >>> 7) & 0x7f) | 0x80
  buffer[position + 2] = ((low >>> 14) & 0x7f) | 0x80
  buffer[position + 3] = ((low >>> 21) & 0x7f) | 0x80
  const middle = (low >>> 28) | ((high & 7) << 4)
  const rest = high >>> 3
  if (rest === 0) {
    buffer[position + 4] = middle
    return position + 5
  }
  buffer[position + 4] = middle | 0x80
  return writeVarint32(buffer, position + 5, rest)
}

export function writeZigzag64(buffer: Uint8Array, position: number, low: number, high: number): number {
  const sign = high >> 31
  return writeVarint64(buffer, position, (low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign)
}

export function storeInt32(buffer: Uint8Array, position: number, value: number): number {
  buffer[position] = value
  buffer[position + 1] = value >>> 8
  buffer[position + 2] = value >>> 16
  buffer[position + 3] = value >>> 24
  return position + 4
}

/** Stores what was last loaded into the scratch cell. */
export function storeLoaded64(buffer: Uint8Array, position: number): number {
  position = storeInt32(buffer, position, int32s[LOW]!)
  return storeInt32(buffer, position, int32s[HIGH]!)
}

export function loadInt64(value: bigint | number | string, field: string): void {
  if (typeof value !== "bigint") value = toInt64(value, field)
  int64s[0] = value
  if (int64s[0] !== value) toInt64(value, field)
}

export function loadUint64(value: bigint | number | string, field: string): void {
  if (typeof value !== "bigint") value = toUint64(value, field)
  uint64s[0] = value
  if (uint64s[0] !== value) toUint64(value, field)
}

/** The largest value that a float holds; what is above rounds to infinity, or nearly. */
const FLOAT_MAX = 3.4028234663852886e38

export function loadFloat(value: number, field: string): void {
  float32s[0] = checkedFloat(value, field)
}

export function checkedFloat(value: number, field: string): number {
  return typeof value !== "number" || value > FLOAT_MAX || value < -FLOAT_MAX ? toFloat(value, field) : value
}

import type { ByteSink } from "../codec.js"

/** Exchanges the sink's buffer for one with room for `need` bytes at `position`, keeping what was written since `start`. */
export function grow(sink: ByteSink, position: number, need: number): void {
  const written = position - sink.start
  const size = sink.start + Math.max(written + need + 64, written * 2)
  const buffer = lenders.get(sink)?.(size, written) ?? new Uint8Array(size)
  buffer.set(sink.buffer.subarray(sink.start, position), sink.start)
  sink.buffer = buffer
  sink.limit = buffer.length
}

/** Gives a sink that grows at least `size` bytes, of which `written` will be copied. */
export type Lender = (size: number, written: number) => Uint8Array

const lenders: WeakMap<ByteSink, Lender> = new WeakMap()

/** From now on the sink grows into what the lender gives it. */
export function growInto(sink: ByteSink, lender: Lender): void {
  lenders.set(sink, lender)
}

/** Writes an unsigned 32-bit integer. Written out: a loop takes half as long again. */
export function writeVarint32(buffer: Uint8Array, position: number, value: number): number {
  if (value < 0x80) {
    buffer[position] = value
    return position + 1
  }
  if (value < 0x4000) return writeTwoBytes(buffer, position, value)
  buffer[position] = value | 0x80
  buffer[position + 1] = (value >>> 7) | 0x80
  if (value < 0x200000) {
    buffer[position + 2] = value >>> 14
    return position + 3
  }
  buffer[position + 2] = (value >>> 14) | 0x80
  if (value < 0x10000000) {
    buffer[position + 3] = value >>> 21
    return position + 4
  }
  buffer[position + 3] = (value >>> 21) | 0x80
  buffer[position + 4] = value >>> 28
  return position + 5
}

/** Writes a varint of 0x80 to 0x3fff. */
export function writeTwoBytes(buffer: Uint8Array, position: number, value: number): number {
  buffer[position] = value | 0x80
  buffer[position + 1] = value >>> 7
  return position + 2
}

/** Writes a tag alone, as groups need it. */
export function writeTag(sink: ByteSink, position: number, tag: number): number {
  if (position + 5 > sink.limit) grow(sink, position, 5)
  return writeVarint32(sink.buffer, position, tag)
}

/**
 * Writes the tag of something length-delimited and leaves one byte for its length, which is enough for most: returns
 * where the content begins. `endLength` puts the length in.
 */
export function beginLength(sink: ByteSink, position: number, tag: number): number {
  if (position + 6 > sink.limit) grow(sink, position, 6)
  if (tag < 0x80) {
    sink.buffer[position] = tag
    return position + 2
  }
  return writeVarint32(sink.buffer, position, tag) + 1
}

/** Puts the length in front of the content in `start…position`, moving the content when one byte is too few. */
export function endLength(sink: ByteSink, start: number, position: number): number {
  const length = position - start
  if (length < 0x80) {
    sink.buffer[start - 1] = length
    return position
  }
  return insertLength(sink, start, position, length)
}

function insertLength(sink: ByteSink, start: number, position: number, length: number): number {
  const extra = varint32Size(length) - 1
  if (position + extra > sink.limit) grow(sink, position, extra)
  sink.buffer.copyWithin(start + extra, start, position)
  writeVarint32(sink.buffer, start - 1, length)
  return position + extra
}

export function varint32Size(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}

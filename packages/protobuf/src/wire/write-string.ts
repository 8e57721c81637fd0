import type { ByteSink } from "../codec.js"
import { wrongType } from "./field-value.js"
import { type NativeText, nativeText } from "./native-text.js"
import { grow, varint32Size, writeVarint32 } from "./sink.js"

/** Up to here a loop over the characters beats a call into the platform. */
const LOOP_MAX = 40
/** Up to here the room that the worst case needs (3 bytes a character) is simply reserved. */
const RESERVE_MAX = 1024

/** Writes tag, length and text. Lone surrogates become U+FFFD, as TextEncoder has it. */
export function writeString(sink: ByteSink, position: number, tag: number, value: string, field: string): number {
  if (typeof value !== "string") wrongType(value, "a string", field)
  const length = value.length
  if (length > RESERVE_MAX) return writeLong(sink, position, tag, value)
  const need = length * 3 + 10
  if (position + need > sink.limit) grow(sink, position, need)
  const buffer = sink.buffer
  if (tag < 0x80) buffer[position++] = tag
  else position = writeVarint32(buffer, position, tag)
  if (length > LOOP_MAX) return writeNative(buffer, position, value)
  let end = position + 1
  let i = 0
  for (; i + 4 <= length; i += 4, end += 4) {
    const a = value.charCodeAt(i)
    const b = value.charCodeAt(i + 1)
    const c = value.charCodeAt(i + 2)
    const d = value.charCodeAt(i + 3)
    if ((a | b | c | d) > 0x7f) return writeMixed(buffer, position, value, i)
    buffer[end] = a
    buffer[end + 1] = b
    buffer[end + 2] = c
    buffer[end + 3] = d
  }
  for (; i < length; i++) {
    const unit = value.charCodeAt(i)
    if (unit > 0x7f) return writeMixed(buffer, position, value, i)
    buffer[end++] = unit
  }
  buffer[position] = length
  return end
}

/** Goes on by hand where ASCII ended. LOOP_MAX × 3 bytes is under 128, so the length takes one byte. */
function writeMixed(buffer: Uint8Array, position: number, value: string, from: number): number {
  let end = position + 1 + from
  for (let i = from; i < value.length; i++) {
    let point = value.codePointAt(i)!
    if (point < 0x80) {
      buffer[end++] = point
      continue
    }
    if (point < 0x800) {
      buffer[end++] = (point >> 6) | 0xc0
      buffer[end++] = (point & 0x3f) | 0x80
      continue
    }
    if (point < 0x10000) {
      if ((point & 0xf800) === 0xd800) point = 0xfffd
      buffer[end++] = (point >> 12) | 0xe0
    } else {
      i++
      buffer[end++] = (point >> 18) | 0xf0
      buffer[end++] = ((point >> 12) & 0x3f) | 0x80
    }
    buffer[end++] = ((point >> 6) & 0x3f) | 0x80
    buffer[end++] = (point & 0x3f) | 0x80
  }
  buffer[position] = end - position - 1
  return end
}

const encoder = new TextEncoder()

type Utf8Encoder = (buffer: Uint8Array, text: string, position: number) => number

/**
 * Writes a text at `position`, where there is room for the worst case, and returns how many bytes it took: by the
 * platform's native routine, or by TextEncoder where there is none.
 */
export function utf8Encoder(native: NativeText | undefined): Utf8Encoder {
  if (native === undefined)
    return (buffer, text, position) => encoder.encodeInto(text, buffer.subarray(position)).written
  const { write } = native
  return (buffer, text, position) => write.call(buffer, text, position)
}

const writeText: Utf8Encoder = utf8Encoder(nativeText)

/** Writes the text behind the length it would have if it were ASCII, and moves it when it was not. */
function writeNative(buffer: Uint8Array, position: number, value: string): number {
  const guess = varint32Size(value.length)
  const written = writeText(buffer, value, position + guess)
  const size = varint32Size(written)
  if (size !== guess) buffer.copyWithin(position + size, position + guess, position + guess + written)
  return writeVarint32(buffer, position, written) + written
}

/** Measures first: reserving three bytes a character would waste megabytes on a long ASCII text. */
function writeLong(sink: ByteSink, position: number, tag: number, value: string): number {
  const size = utf8Size(value)
  if (position + size + 10 > sink.limit) grow(sink, position, size + 10)
  position = writeVarint32(sink.buffer, position, tag)
  position = writeVarint32(sink.buffer, position, size)
  encoder.encodeInto(value, sink.buffer.subarray(position, position + size))
  return position + size
}

type Utf8Measure = (text: string) => number

/** How many bytes a text takes in UTF-8: as Buffer says, or counted where there is none. */
export function utf8Measure(platform: object): Utf8Measure {
  const { Buffer } = platform as { Buffer?: { byteLength?: Utf8Measure } }
  return typeof Buffer?.byteLength === "function" ? Buffer.byteLength : countUtf8
}

const utf8Size: Utf8Measure = utf8Measure(globalThis)

function countUtf8(text: string): number {
  let size = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) {
      size += 1
      continue
    }
    size += 2
    // A pair is four bytes for two units; a lone surrogate is U+FFFD, three bytes for one.
    const next = text.charCodeAt(i + 1)
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) i++
  }
  return size
}

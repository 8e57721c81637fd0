import { DecodeError, truncated } from "../decode-error.js"
import { ASCII_MAX, readAscii } from "./ascii.js"
import { type NativeText, nativeText } from "./native-text.js"
import { type Reader, readVarint32 } from "./reader.js"

/** Up to here such a loop is faster. */
const SHORT_MAX = 16

/** Reads a length and so many bytes of UTF-8. @throws DecodeError when they are not UTF-8, as proto3 wants it. */
export function readString(reader: Reader, position: number): string {
  const bytes = reader.bytes
  const length = bytes[position]!
  if (!(length <= ASCII_MAX)) return readLongString(reader, position)
  const start = position + 1
  const end = start + length
  if (end > reader.stop) throw truncated()
  reader.position = end
  return readAscii(bytes, start, length) ?? readShort(bytes, start, end) ?? decodeUtf8(bytes, start, end)
}

/**
 * Short text of one- and two-byte characters: European languages, Greek, Cyrillic, Hebrew, Arabic. A native routine takes
 * longer to call. Undefined when there is anything else in it.
 */
function readShort(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > SHORT_MAX) return undefined
  const units: number[] = []
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte < 0x80) units.push(byte)
    else {
      const next = i + 1 < end ? bytes[++i]! : 0
      // 0xc2 to 0xdf lead two bytes; what follows is 10xxxxxx (RFC 3629 §4).
      if (byte < 0xc2 || byte > 0xdf || (next & 0xc0) !== 0x80) return undefined
      units.push(((byte & 0x1f) << 6) | (next & 0x3f))
    }
  }
  return String.fromCharCode.apply(null, units)
}

function readLongString(reader: Reader, position: number): string {
  const length = readVarint32(reader, position)
  const start = reader.position
  const end = start + length
  if (!(end <= reader.stop)) throw truncated()
  reader.position = end
  return decodeUtf8(reader.bytes, start, end)
}

/** Reads a string whose UTF-8 is not checked (proto2, `features.utf8_validation = NONE`): U+FFFD stands for what is malformed. */
export function readLossyString(reader: Reader, position: number): string {
  const length = readVarint32(reader, position)
  const start = reader.position
  const end = start + length
  if (!(end <= reader.stop)) throw truncated()
  reader.position = end
  return lossy.decode(reader.bytes.subarray(start, end))
}

// A leading U+FEFF in a protobuf string is text, not a byte order mark.
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const lossy = new TextDecoder("utf-8", { ignoreBOM: true })

function decodeStrictly(bytes: Uint8Array, start: number, end: number): string {
  try {
    return strict.decode(bytes.subarray(start, end))
  } catch {
    throw new DecodeError("a string is not UTF-8")
  }
}

type Utf8Decoder = (bytes: Uint8Array, start: number, end: number) => string

/** Decodes UTF-8 by the platform's native routine, or by TextDecoder where there is none. */
export function utf8Decoder(native: NativeText | undefined): Utf8Decoder {
  if (native === undefined) return decodeStrictly
  const { slice } = native
  return (bytes, start, end) => {
    const text = slice.call(bytes, start, end)
    // The native routine puts U+FFFD where something is malformed; only a text that has one must be looked at again.
    return text.indexOf("\ufffd") >= 0 ? decodeStrictly(bytes, start, end) : text
  }
}

const decodeUtf8: Utf8Decoder = utf8Decoder(nativeText)

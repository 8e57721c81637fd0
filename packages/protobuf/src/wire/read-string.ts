import { DecodeError, truncated } from "../decode-error.js"
import { ASCII_MAX, readAscii } from "./ascii.js"
import { type NativeText, nativeText } from "./native-text.js"
import { type Reader, readVarint32 } from "./reader.js"
import { readShort } from "./short-text.js"

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

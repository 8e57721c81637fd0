/**
 * Byte strings: one character (U+0000 to U+00FF) for each byte of UTF-8. The lexer works on them, because protoc counts
 * columns in bytes and lets string literals hold bytes that are no UTF-8; JavaScript handles them as fast as ASCII text.
 */

/** The byte string of a file's text or bytes. */
export function toByteString(source: string | Uint8Array): string {
  if (typeof source === "string") return beyondAscii.test(source) ? bytesToByteString(encoder.encode(source)) : source
  const text = decoder.decode(source)
  // Decoding is native and one byte gave one character: the text is ASCII, or nothing but replaced bytes.
  return text.length === source.length && !beyondAscii.test(text) ? text : bytesToByteString(source)
}

/** The text that a byte string spells in UTF-8. */
export function decodeByteString(bytes: string): string {
  return beyondAscii.test(bytes) ? decoder.decode(byteStringToBytes(bytes)) : bytes
}

/** The bytes of a byte string. */
export function byteStringToBytes(bytes: string): Uint8Array {
  const out = new Uint8Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) out[i] = bytes.charCodeAt(i)
  return out
}

/** The byte string of these bytes. */
export function bytesToByteString(bytes: Uint8Array): string {
  let out = ""
  for (let i = 0; i < bytes.length; i += PIECE) {
    // A spread would walk the bytes by their iterator, ten times as slow.
    out += String.fromCharCode.apply(null, bytes.subarray(i, i + PIECE) as unknown as number[])
  }
  return out
}

/** The UTF-8 bytes of one code point, as a byte string. */
export function encodeCodePoint(codePoint: number): string {
  return bytesToByteString(encoder.encode(String.fromCodePoint(codePoint)))
}

/** Whether a byte string spells a text. */
export function isUtf8(bytes: string): boolean {
  if (!beyondAscii.test(bytes)) return true
  try {
    strictDecoder.decode(byteStringToBytes(bytes))
    return true
  } catch {
    return false
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
const strictDecoder = new TextDecoder("utf-8", { fatal: true })
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
const beyondAscii = /[^\x00-\x7f]/

/** String.fromCharCode takes its characters as arguments, so in pieces that fit the stack. */
const PIECE = 8192

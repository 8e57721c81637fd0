/** Strings whose char codes are bytes: how HPACK's octet strings appear in JavaScript. */

const longPiece = 4096

/** The string of bytes[start…stop). Short ones are most: eight characters a call is faster than a call for each. */
export function readLatin1(bytes: Uint8Array, start: number, stop: number): string {
  if (stop - start > 64) return readLong(bytes, start, stop)
  let text = ""
  let at = start
  for (; stop - at >= 8; at += 8) {
    text += String.fromCharCode(
      bytes[at],
      bytes[at + 1],
      bytes[at + 2],
      bytes[at + 3],
      bytes[at + 4],
      bytes[at + 5],
      bytes[at + 6],
      bytes[at + 7],
    )
  }
  if (stop - at >= 4) {
    text += String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3])
    at += 4
  }
  while (at < stop) text += String.fromCharCode(bytes[at++])
  return text
}

function readLong(bytes: Uint8Array, start: number, stop: number): string {
  let text = ""
  for (let at = start; at < stop; at += longPiece) {
    const piece = bytes.subarray(at, Math.min(at + longPiece, stop))
    text += Reflect.apply(String.fromCharCode, undefined, piece)
  }
  return text
}

/**
 * Writes `text` at into[at…] and returns where it ends.
 * Throws TypeError on a character above U+00FF: cut down to a byte it could become a line feed.
 */
export function writeLatin1(text: string, into: Uint8Array, at: number): number {
  let all = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    all |= code
    into[at + i] = code
  }
  if (all > 0xff) throw notBytes()
  return at + text.length
}

export function assertByteString(text: string): void {
  let all = 0
  for (let i = 0; i < text.length; i++) all |= text.charCodeAt(i)
  if (all > 0xff) throw notBytes()
}

function notBytes(): TypeError {
  return new TypeError("header field holds a character above U+00FF")
}

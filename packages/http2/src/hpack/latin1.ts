/** Strings whose char codes are bytes: how HPACK's octet strings appear in JavaScript. */

/**
 * The string of bytes[start…stop). Many characters a call are faster than a call for each, and than a call with the
 * whole array, at any length up to some thousands (measured).
 */
export function readLatin1(bytes: Uint8Array, start: number, stop: number): string {
  if (stop - start < 8) return readTail(bytes, start, stop)
  let text = ""
  let at = start
  // biome-ignore format: sixteen lines would hide how little this is
  for (; stop - at >= 16; at += 16) {
    text += String.fromCharCode(
      bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7],
      bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15],
    )
  }
  if (stop - at >= 8) {
    // biome-ignore format: as above
    text += String.fromCharCode(
      bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7],
    )
    at += 8
  }
  return at === stop ? text : text + readTail(bytes, at, stop)
}

/** Up to seven characters. */
// biome-ignore format: a table
function readTail(bytes: Uint8Array, at: number, stop: number): string {
  switch (stop - at) {
    case 1: return String.fromCharCode(bytes[at])
    case 2: return String.fromCharCode(bytes[at], bytes[at + 1])
    case 3: return String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2])
    case 4: return String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3])
    case 5: return String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4])
    case 6: return String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5])
    case 7: return String.fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6])
    default: return ""
  }
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
  assertBytes(all)
  return at + text.length
}

/** Throws TypeError when a character of `text` is above U+00FF. */
export function assertByteString(text: string): void {
  let all = 0
  for (let i = 0; i < text.length; i++) all |= text.charCodeAt(i)
  assertBytes(all)
}

/** The same for all char codes of a string, or-ed together. */
export function assertBytes(all: number): void {
  if (all > 0xff) throw new TypeError("header field holds a character above U+00FF")
}

const { fromCharCode } = String

/** Up to here a loop is faster than a native routine, which takes long to call. */
const SHORT_MAX = 16

const units = new Uint16Array(SHORT_MAX)

/**
 * The text in bytes[start…end) when it is short and has characters of one and two bytes: European languages, Greek,
 * Cyrillic, Hebrew, Arabic. Undefined when there is anything else in it, or nothing but ASCII (`readAscii` reads that).
 */
export function readShort(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > SHORT_MAX) return undefined
  let count = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte < 0x80) units[count++] = byte
    else {
      const next = i + 1 < end ? bytes[++i]! : 0
      // 0xc2 to 0xdf lead two bytes; what follows is 10xxxxxx (RFC 3629 §4).
      if (byte < 0xc2 || byte > 0xdf || (next & 0xc0) !== 0x80) return undefined
      units[count++] = ((byte & 0x1f) << 6) | (next & 0x3f)
    }
  }
  return textOf(count)
}

/** The text of the first units. A character of two bytes is among those that were read, so they are fewer than the bytes. */
// biome-ignore format: a table, one row a length
function textOf(count: number): string | undefined {
  switch (count) {
    case 1: return fromCharCode(units[0]!)
    case 2: return fromCharCode(units[0]!, units[1]!)
    case 3: return fromCharCode(units[0]!, units[1]!, units[2]!)
    case 4: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!)
    case 5: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!)
    case 6: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!)
    case 7: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!)
    case 8: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!)
    case 9: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!)
    case 10: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!)
    case 11: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!)
    case 12: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!)
    case 13: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!)
    case 14: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!)
    case 15: return fromCharCode(units[0]!, units[1]!, units[2]!, units[3]!, units[4]!, units[5]!, units[6]!, units[7]!, units[8]!, units[9]!, units[10]!, units[11]!, units[12]!, units[13]!, units[14]!)
  }
  return undefined
}

import { HpackError } from "./hpack-error.js"
import { codeCount, codeLengths, codes, endOfString, firstCode, firstPosition, symbolsByCode } from "./huffman-table.js"
import { assertBytes } from "./latin1.js"

/** What eight bits begin with: the symbol, and above it the length of its code; 0 where the code is longer than that. */
const shortCodes = new Uint16Array(256)
for (let symbol = 0; symbol < endOfString; symbol++) {
  const free = 8 - codeLengths[symbol]
  if (free < 0) continue
  const first = codes[symbol] << free
  shortCodes.fill((codeLengths[symbol] << 8) | symbol, first, first + (1 << free))
}

/** The shortest code has five bits: no string grows more than this when it is decoded. */
export function maxDecodedLength(encoded: number): number {
  return Math.floor((encoded * 8) / 5)
}

/**
 * Decodes bytes[start…stop) to the beginning of `into`, which must hold `maxDecodedLength` bytes, and returns the length.
 * Throws HpackError when end-of-string occurs, or when what is left at the end is not at most seven ones (RFC 7541 §5.2).
 */
export function decodeHuffman(bytes: Uint8Array, start: number, stop: number, into: Uint8Array): number {
  let at = start
  let length = 0
  let window = 0 // the low `count` bits of it are waiting
  let count = 0
  while (at < stop || count >= 8) {
    if (count < 8) {
      window = (window << 8) | bytes[at++]
      count += 8
    }
    const short = shortCodes[(window >>> (count - 8)) & 0xff]
    if (short !== 0) {
      into[length++] = short
      count -= short >>> 8
      continue
    }
    // A code of ten bits or more is rare: it is followed a bit at a time.
    count -= 8
    let code = (window >>> count) & 0xff
    let codeLength = 8
    let offset: number
    do {
      if (count === 0) {
        if (at === stop) throw new HpackError("Huffman string ends within a code or is padded by more than 7 bits")
        window = bytes[at++]
        count = 8
      }
      count--
      code = (code << 1) | ((window >>> count) & 1)
      codeLength++
      offset = code - firstCode[codeLength]
    } while (offset >= codeCount[codeLength])
    const symbol = symbolsByCode[firstPosition[codeLength] + offset]
    if (symbol === endOfString) throw new HpackError("Huffman string holds the end-of-string symbol")
    into[length++] = symbol
  }
  while (count > 0) {
    const ones = 0xff >>> count
    const rest = ((window << (8 - count)) & 0xff) | ones
    const short = shortCodes[rest]
    if (short === 0 || short >>> 8 > count) {
      if (rest !== 0xff) throw new HpackError("Huffman string is not padded with ones")
      break
    }
    into[length++] = short
    count -= short >>> 8
  }
  return length
}

/** How many bytes `text` takes as a Huffman string. Throws TypeError on a character above U+00FF. */
export function huffmanLength(text: string): number {
  let bits = 0
  let all = 0
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i)
    all |= symbol
    bits += codeLengths[symbol]
  }
  assertBytes(all)
  return (bits + 7) >>> 3
}

/** Writes `text`, which `huffmanLength` has let pass, as a Huffman string at into[at…] and returns where it ends. */
export function encodeHuffman(text: string, into: Uint8Array, at: number): number {
  let window = 0
  let count = 0 // below 8 between symbols
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i)
    const code = codes[symbol]
    let length = codeLengths[symbol]
    if (length > 24) {
      // 7 bits waiting and a code of up to 30 do not fit in 32: the code's upper part goes first.
      length -= 16
      window = (window << length) | (code >>> 16)
      for (count += length; count >= 8; ) into[at++] = window >>> (count -= 8)
      length = 16
      window = (window << length) | (code & 0xffff)
    } else {
      window = (window << length) | code
    }
    for (count += length; count >= 8; ) into[at++] = window >>> (count -= 8)
  }
  // RFC 7541 §5.2: the rest of the last byte is filled with the first bits of end-of-string, which are ones.
  if (count > 0) into[at++] = (window << (8 - count)) | (0xff >>> count)
  return at
}

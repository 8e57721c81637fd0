/**
 * The Huffman code of RFC 7541 appendix B. It is canonical (codes of one length are consecutive numbers in the order of
 * their symbols, and each length goes on where the shorter one ended), so the lengths alone say all of it.
 */

/** The end-of-string symbol. Its code must not occur in a string; padding is made of its first bits (RFC 7541 §5.2). */
export const endOfString = 256

/** In bits. */
const maxCodeLength = 30

/** Length in bits of each symbol's code: the 256 bytes, then end-of-string. */
// biome-ignore format: sixteen to a row, so that a row is the first hex digit of the byte
export const codeLengths: Uint8Array = Uint8Array.of(
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
)

/** The code of each symbol, in its low bits. */
export const codes: Uint32Array = new Uint32Array(endOfString + 1)

/** All symbols, by length of code and then by number: the order in which canonical codes are given out. */
export const symbolsByCode: Uint16Array = new Uint16Array(endOfString + 1)

/** The first code of each length in bits. */
export const firstCode: Uint32Array = new Uint32Array(maxCodeLength + 1)
/** Where the symbol of that code stands in `symbolsByCode`. */
export const firstPosition: Uint16Array = new Uint16Array(maxCodeLength + 1)
/** How many codes have that length. */
export const codeCount: Uint16Array = new Uint16Array(maxCodeLength + 1)

let code = 0
let position = 0
for (let length = 1; length <= maxCodeLength; length++) {
  code *= 2
  firstCode[length] = code
  firstPosition[length] = position
  for (let symbol = 0; symbol <= endOfString; symbol++) {
    if (codeLengths[symbol] !== length) continue
    codes[symbol] = code++
    symbolsByCode[position++] = symbol
  }
  codeCount[length] = position - firstPosition[length]
}

import { encodeCodePoint } from "./byte-string.js"

/** The value of an integer token: decimal, `0x…` or octal `0…`. Never negative. */
export function integerValue(text: string): bigint {
  if (text.length > 1 && text[0] === "0" && isDigits(text)) {
    // Octal with an 8 or 9 has no value: like protoc, say so by one that fits nowhere.
    return /[89]/.test(text) ? 1n << 64n : BigInt(`0o${text}`)
  }
  // "0x" without digits has been reported by the lexer.
  return text === "0x" || text === "0X" ? 0n : BigInt(text)
}

/** The value of a float token (`1.5`, `.5`, `1e9`). */
export function floatValue(text: string): number {
  // A "1e" without digits has been reported by the lexer.
  return Number.parseFloat(text)
}

/** The bytes that a string token stands for, as a byte string. */
export function stringValue(literal: string): string {
  const closed = literal.length > 1 && literal.at(-1) === literal[0]
  const inner = literal.slice(1, closed ? -1 : undefined)
  return inner.includes("\\") ? inner.replace(ESCAPE, unescapeOne) : inner
}

const ESCAPE = new RegExp(
  [
    "\\\\(?:([0-7]{1,3})",
    "[xX]([0-9a-fA-F]{1,2})",
    // Surrogate halves in two \u escapes make up one code point, as in JSON.
    "u([dD][89abAB][0-9a-fA-F]{2})\\\\u([dD][c-fC-F][0-9a-fA-F]{2})",
    "u([0-9a-fA-F]{4})",
    "U([0-9a-fA-F]{8})",
    "([^]))",
  ].join("|"),
  "g",
)

const SINGLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
}

function unescapeOne(
  _: string,
  octal: string | undefined,
  hex: string | undefined,
  high: string | undefined,
  low: string | undefined,
  short: string | undefined,
  long: string | undefined,
  single: string,
): string {
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
  if (high !== undefined && low !== undefined) {
    const [upper, lower] = [Number.parseInt(high, 16) & 0x3ff, Number.parseInt(low, 16) & 0x3ff]
    return encodeCodePoint(0x10000 + (upper << 10) + lower)
  }
  const codePoint = short ?? long
  if (codePoint !== undefined) {
    const number = Number.parseInt(codePoint, 16)
    // One that is too large has been reported by the lexer.
    return number <= MAX_CODE_POINT ? encodeCodePoint(number) : ""
  }
  return SINGLE[single] ?? single
}

const MAX_CODE_POINT = 0x10ffff

function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text)
}

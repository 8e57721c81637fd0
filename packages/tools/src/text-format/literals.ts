import { ScalarType } from "@bufbuild/protobuf"

/** A scalar's value as text format writes it. */
export function scalarText(value: unknown, scalar: ScalarType): string {
  if (typeof value === "string" && scalar === ScalarType.STRING) return `"${value.replace(SPECIAL, escaped)}"`
  if (value instanceof Uint8Array) return bytesText(value)
  if (typeof value !== "number") return String(value)
  return scalar === ScalarType.FLOAT ? floatText(value) : doubleText(value)
}

/** Bytes as a string literal: what is not printable ASCII, by its octal number. */
export function bytesText(bytes: Uint8Array): string {
  let text = '"'
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    text += byte > 0x7e ? octal(byte) : character.replace(SPECIAL, escaped)
  }
  return `${text}"`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be escaped
const SPECIAL = /[\x00-\x1f"\\\x7f]/g

function escaped(character: string): string {
  return escapes[character] ?? octal(character.charCodeAt(0))
}

const escapes: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
}

/** Always of three digits, so that a digit may follow. */
function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  return Object.is(value, -0) ? "-0" : String(value)
}

/** The fewest digits that are read as the same float. */
function floatText(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return doubleText(value)
  for (let digits = 1; ; digits++) {
    const short = Number(value.toPrecision(digits))
    // Nine digits tell all floats apart.
    if (digits === 9 || Math.fround(short) === value) return doubleText(short)
  }
}

import { byteStringToBytes } from "./byte-string.js"

// Values as C++ prints them into descriptors.

/** A float, with an exponent of two digits or more. */
export function floatText(value: number): string {
  return numberText(value, FLOAT_DIGITS)
}

/** A double, likewise. */
export function doubleText(value: number): string {
  return numberText(value, DOUBLE_DIGITS)
}

/** A byte string with C's escapes: what is no printable ASCII, as octal. */
export function escapeBytes(bytes: string): string {
  let out = ""
  for (const byte of byteStringToBytes(bytes)) {
    const character = String.fromCharCode(byte)
    const short = ESCAPES[character]
    if (short !== undefined) out += short
    else if (byte < 0x20 || byte > 0x7e) out += `\\${byte.toString(8).padStart(3, "0")}`
    else out += character
  }
  return out
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "'": "\\'",
  "\\": "\\\\",
}

/** How many digits C++ prints of a number, and how many when these lose something of it. */
interface Digits {
  readonly few: number
  readonly all: number
  readonly round: (value: number) => number
}

const FLOAT_DIGITS: Digits = { few: 6, all: 9, round: Math.fround }
const DOUBLE_DIGITS: Digits = { few: 15, all: 17, round: (value) => value }

function numberText(exact: number, { few, all, round }: Digits): string {
  const value = round(exact)
  if (!Number.isFinite(value)) return "inf"
  const digits = round(Number(value.toPrecision(few))) === value ? few : all
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string]
  const trimmed = mantissa.replace(/\.?0+$/, "")
  const power = Number(exponent)
  // C's %g: plain unless the exponent is below −4 or not below the precision.
  if (power < -4 || power >= digits) {
    return `${trimmed}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`
  }
  return value
    .toFixed(Math.max(0, digits - 1 - power))
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "")
}

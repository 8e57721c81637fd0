import { type FieldDescriptorProto, FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import { byteStringToBytes } from "./byte-string.js"
import { floatValue, integerValue } from "./literal.js"
import { INTEGER_RANGES } from "./option-value.js"
import { MAX_UINT64 } from "./parse-option.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field number of FieldDescriptorProto.
const DEFAULT_VALUE = 7

/** `default = value`, kept as the text that descriptor.proto wants of `default_value`. */
export function parseDefault(tokens: TokenStream, field: FieldDescriptorProto, path: Path): void {
  if (Object.hasOwn(field, "defaultValue")) tokens.error('Already set option "default".')
  tokens.expect("default")
  tokens.expect("=")
  field.defaultValue = tokens.within([...path, DEFAULT_VALUE], () => parseValue(tokens, field))
}

function parseValue(tokens: TokenStream, field: FieldDescriptorProto): string {
  // Of a type that is still a name nothing can be told.
  if (!Object.hasOwn(field, "type")) {
    const { text } = tokens.lexer
    tokens.lexer.next()
    return text
  }
  switch (field.type) {
    case Type.STRING:
      return tokens.string("Expected string for field default value.")
    case Type.BYTES:
      return escapeBytes(tokens.byteString("Expected string."))
    case Type.BOOL:
      if (!tokens.is("true") && !tokens.is("false")) tokens.fail('Expected "true" or "false".')
      return tokens.identifier('Expected "true" or "false".')
    case Type.FLOAT:
      return parseNumber(tokens, FLOAT_DIGITS)
    case Type.DOUBLE:
      return parseNumber(tokens, DOUBLE_DIGITS)
    case Type.GROUP:
    case Type.MESSAGE:
      return tokens.fail("Messages can't have default values.")
    default:
      return parseInteger(tokens, field.type)
  }
}

function parseInteger(tokens: TokenStream, type: Type): string {
  const { min, max } = INTEGER_RANGES.get(type) ?? { min: 0n, max: 0n }
  const sign = tokens.accept("-") ? "-" : ""
  if (sign && min === 0n) tokens.error("Unsigned field can't have negative default value.")
  const { kind, text } = tokens.lexer
  if (kind !== "integer") tokens.fail("Expected integer for field default value.")
  const value = integerValue(text)
  if (value > (sign && min < 0n ? -min : max)) tokens.error("Integer out of range.")
  tokens.lexer.next()
  return value === 0n ? "0" : `${sign}${value}`
}

/** How many digits C++ prints of a number, and how many when these lose something of it. */
interface Digits {
  readonly few: number
  readonly all: number
  readonly round: (value: number) => number
}

const FLOAT_DIGITS: Digits = { few: 6, all: 9, round: Math.fround }
const DOUBLE_DIGITS: Digits = { few: 15, all: 17, round: (value) => value }

function parseNumber(tokens: TokenStream, digits: Digits): string {
  const sign = tokens.accept("-") ? "-" : ""
  const { kind, text } = tokens.lexer
  let value: string | undefined
  if (kind === "integer") {
    const integer = integerValue(text)
    // Only a decimal may be meant as a floating-point number.
    if (integer > MAX_UINT64 && text.startsWith("0")) tokens.error("Integer out of range.")
    value = formatNumber(Number(integer), digits)
  } else if (kind === "float") value = formatNumber(floatValue(text), digits)
  else if (text === "inf" || text === "nan") value = text
  if (value === undefined) tokens.fail("Expected number.")
  tokens.lexer.next()
  return value === "nan" ? value : sign + value
}

/** As C++ prints a float or double, with an exponent of two digits or more. */
function formatNumber(exact: number, { few, all, round }: Digits): string {
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

/** C's escapes: what is no printable ASCII, as octal. */
function escapeBytes(bytes: string): string {
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

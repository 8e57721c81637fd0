import { type FieldDescriptorProto, FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import { doubleText, escapeBytes, floatText } from "./c-text.js"
import { INTEGER_RANGES } from "./integer-ranges.js"
import { floatValue, integerValue } from "./literal.js"
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
      return parseNumber(tokens, floatText)
    case Type.DOUBLE:
      return parseNumber(tokens, doubleText)
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

function parseNumber(tokens: TokenStream, print: (value: number) => string): string {
  const sign = tokens.accept("-") ? "-" : ""
  const { kind, text } = tokens.lexer
  if (kind === "integer") return sign + print(Number(tokens.anyInteger()))
  if (kind !== "float" && text !== "inf" && text !== "nan") tokens.fail("Expected number.")
  tokens.lexer.next()
  if (kind === "float") return sign + print(floatValue(text))
  return text === "nan" ? text : sign + text
}

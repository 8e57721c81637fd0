import { FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import { isUtf8 } from "./byte-string.js"
import { didYouMean, type Hint } from "./did-you-mean.js"
import type { DynamicField, DynamicValue } from "./dynamic-message.js"
import { findEnumValue, suggestEnumValue } from "./enum-value.js"
import { checksUtf8 } from "./field-features.js"
import { INTEGER_RANGES, type IntegerRange } from "./integer-ranges.js"
import type { OptionValue } from "./parsed-file.js"
import type { EnumSymbol } from "./symbols.js"

/** The value does not fit the option; the message is for the user. */
export class OptionValueError extends Error {
  readonly hint: Hint | undefined

  constructor(message: string, hint?: Hint) {
    super(message)
    this.hint = hint
  }
}

/** The value of a scalar or enum option. Throws OptionValueError in protoc's words when it does not fit. */
export function scalarOption(
  field: DynamicField,
  value: OptionValue,
  findEnum: () => EnumSymbol,
  hasBeside: (type: EnumSymbol, value: string) => boolean,
): DynamicValue {
  const { type } = field.proto
  const range = INTEGER_RANGES.get(type)
  if (range) return integerOption(field, value, range)
  switch (type) {
    case Type.DOUBLE:
    case Type.FLOAT:
      return numberOption(field, value, type === Type.FLOAT ? "float" : "double")
    case Type.BOOL:
      return booleanOption(field, value)
    case Type.ENUM:
      return enumOption(field, value, findEnum(), hasBeside)
    default:
      if (value.kind === "string") return stringOption(field, value.bytes)
      throw new OptionValueError(`Value must be quoted string for string option "${field.name}".`)
  }
}

/** protoc breaks down over a string that is not UTF-8 where it has to be. */
function stringOption({ proto, file }: DynamicField, bytes: string): string {
  if (proto.type === Type.STRING && checksUtf8(proto, file) && !isUtf8(bytes)) {
    throw new OptionValueError(`String field "${proto.name}" contains invalid UTF-8.`)
  }
  return bytes
}

function integerOption(field: DynamicField, value: OptionValue, { keyword, min, max }: IntegerRange): DynamicValue {
  if (value.kind !== "integer" || (min === 0n && value.value < 0n)) {
    throw new OptionValueError(`Value must be integer, from ${min} to ${max}, for ${keyword} option "${field.name}".`)
  }
  if (value.value < min || value.value > max) {
    throw new OptionValueError(`Value out of range, ${min} to ${max}, for ${keyword} option "${field.name}".`)
  }
  return value.value
}

function numberOption(field: DynamicField, value: OptionValue, keyword: string): DynamicValue {
  if (value.kind === "float") return value.value
  if (value.kind === "integer") return Number(value.value)
  if (value.kind === "identifier" && value.text === "inf") return Number.POSITIVE_INFINITY
  if (value.kind === "identifier" && value.text === "nan") return Number.NaN
  throw new OptionValueError(`Value must be number for ${keyword} option "${field.name}".`)
}

function booleanOption(field: DynamicField, value: OptionValue): DynamicValue {
  if (value.kind !== "identifier") {
    throw new OptionValueError(`Value must be identifier for boolean option "${field.name}".`)
  }
  if (value.text !== "true" && value.text !== "false") {
    throw new OptionValueError(`Value must be "true" or "false" for boolean option "${field.name}".`, () =>
      didYouMean(value.text, ["true", "false"]),
    )
  }
  return value.text === "true"
}

function enumOption(
  field: DynamicField,
  value: OptionValue,
  type: EnumSymbol,
  hasBeside: (type: EnumSymbol, value: string) => boolean,
): DynamicValue {
  if (value.kind !== "identifier") {
    throw new OptionValueError(`Value must be identifier for enum-valued option "${field.name}".`)
  }
  // Values are named as if they stood beside their enum.
  const isBeside = hasBeside(type, value.text)
  const number = findEnumValue(type.node, value.text)
  if (number !== undefined) return number
  const hint = isBeside ? " This appears to be a value from a sibling type." : ""
  throw new OptionValueError(
    `Enum type "${type.name}" has no value named "${value.text}" for option "${field.name}".${hint}`,
    () => suggestEnumValue(type.node, value.text),
  )
}

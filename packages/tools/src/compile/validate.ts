import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FieldOptions_JSType as JSType,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { isPackable, isRepeated, LONG_TYPES } from "./dynamic-message.js"
import { checkEnumValues } from "./enum-values.js"
import { checkFeatures } from "./feature-rules.js"
import { checkJsonNames } from "./json-names.js"
import type { LinkContext } from "./link-context.js"
import { checkProto3 } from "./proto3-rules.js"
import { qualified } from "./symbols.js"

/**
 * Checks what can be told only of a file whose names are resolved and whose options are set. The order within is that of
 * protoc's descriptor visitor: a message, its enums, its fields, the messages nested in it.
 */
export function validateFile(context: LinkContext): void {
  checkFeatures(context)
  if (context.failed) return
  checkProto3(context)
  const { proto } = context.file
  for (const message of proto.messageType) validateMessage(context, message, qualified(proto.package, message.name))
  for (const node of proto.enumType) checkEnumValues(context, node, proto.package)
  for (const extension of proto.extension) validateField(context, extension)
}

function validateMessage(context: LinkContext, node: DescriptorProto, name: string): void {
  checkJsonNames(context, node)
  for (const nested of node.enumType) checkEnumValues(context, nested, name)
  const entries = new Map<string, DescriptorProto>()
  for (const nested of node.nestedType) if (nested.options?.mapEntry) entries.set(`.${name}.${nested.name}`, nested)
  for (const field of node.field) {
    validateField(context, field)
    const entry = entries.get(field.typeName)
    if (entry) validateMap(context, field, entry)
  }
  for (const nested of node.nestedType) validateMessage(context, nested, `${name}.${nested.name}`)
  for (const extension of node.extension) validateField(context, extension)
}

function validateField(context: LinkContext, field: FieldDescriptorProto): void {
  const { number, options, type } = field
  if (number >= FIRST_RESERVED && number <= LAST_RESERVED) {
    // protoc gives no place for it.
    context.errorAt(
      undefined,
      `Field numbers ${FIRST_RESERVED} through ${LAST_RESERVED} are reserved for the protocol buffer library implementation.`,
    )
  }
  if (field.jsonName.includes("\0")) {
    context.error(field, "json", "json_name cannot have embedded null characters.")
  }
  // Every field has a JSON name by now; one that was written has a place.
  if (field.extendee !== "" && context.parsed.source.position(field, "json")) {
    context.error(field, "json", "option json_name is not allowed on extension fields.")
  }
  if (!options) return
  if ((options.lazy || options.unverifiedLazy) && type !== Type.MESSAGE) {
    context.error(field, "type", "[lazy = true] can only be specified for submessage fields.")
  }
  if (options.packed && !(isRepeated(field) && isPackable(type))) {
    context.error(field, "type", "[packed = true] can only be specified for repeated primitive fields.")
  }
  if (options.jstype !== JSType.JS_NORMAL && !LONG_TYPES.has(type)) {
    context.error(field, "type", "jstype is only allowed on int64, uint64, sint64, fixed64 or sfixed64 fields.")
  }
}

/** Field numbers that no message may use (protobuf.dev, "Assigning Field Numbers"). */
const FIRST_RESERVED = 19000
const LAST_RESERVED = 19999

const NO_MAP_KEY: ReadonlySet<Type> = new Set([Type.FLOAT, Type.DOUBLE, Type.BYTES, Type.MESSAGE, Type.GROUP])

function validateMap(context: LinkContext, field: FieldDescriptorProto, entry: DescriptorProto): void {
  const [key, value] = entry.field as [FieldDescriptorProto, FieldDescriptorProto]
  if (key.type === Type.ENUM) {
    context.error(field, "type", "Key in map fields cannot be enum types.")
  } else if (NO_MAP_KEY.has(key.type)) {
    context.error(field, "type", "Key in map fields cannot be float/double, bytes or message types.")
  }
  if (value.type !== Type.ENUM) return
  const symbol = context.symbols.get(value.typeName.slice(1))
  if (symbol?.kind === "enum" && symbol.node.value[0]?.number !== 0) {
    context.error(field, "type", "Enum value in map must define 0 as the first value.")
  }
}

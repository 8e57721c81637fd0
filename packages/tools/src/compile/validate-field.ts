import {
  Edition,
  type FieldDescriptorProto,
  FieldOptions_JSType as JSType,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { checkDeclaredExtension } from "./extension-declarations.js"
import { isDelimited, isPackable, isRepeated, isRequired, LONG_TYPES } from "./field-features.js"
import { jsonName, mapEntryName } from "./json-name.js"
import type { LinkContext } from "./link-context.js"
import { isLite } from "./lite.js"
import type { OptionOwner } from "./parsed-file.js"
import { enclosing, type MessageSymbol } from "./symbols.js"

/** Checks a field or extension, in the order of protoc's DescriptorBuilder::ValidateOptions. */
export function validateField(
  context: LinkContext,
  field: FieldDescriptorProto,
  name: string,
  parent: OptionOwner | undefined,
): void {
  const message = context.messageNamed(field.extendee === "" ? `.${enclosing(name)}` : field.extendee)
  checkFieldOptions(context, field)
  if (message) checkPlace(context, field, message)
  checkMap(context, field, name, parent)
  checkJsType(context, field)
  // Every field has a JSON name by now.
  if (field.extendee !== "" && field.jsonName !== jsonName(field.name)) {
    context.error(field, "json", "option json_name is not allowed on extension fields.")
  }
  if (field.jsonName.includes("\0")) {
    context.error(field, "json", "json_name cannot have embedded null characters.")
  }
  if (message && field.extendee !== "") checkDeclaredExtension(context, field, name, message)
}

function checkFieldOptions(context: LinkContext, field: FieldDescriptorProto): void {
  const { options, type } = field
  if (!options) return
  if (context.file.features.edition >= Edition.EDITION_2024 && Object.hasOwn(options, "ctype")) {
    context.error(
      field,
      "type",
      "ctype option is not allowed under edition 2024 and beyond. Use the feature string_type = VIEW|CORD|STRING|... " +
        "instead.",
    )
  }
  if ((options.lazy || options.unverifiedLazy) && (type !== Type.MESSAGE || isGroup(context, field))) {
    context.error(field, "type", "[lazy = true] can only be specified for submessage fields.")
  }
  if (options.unverifiedLazy && field.extendee !== "") {
    context.error(field, "type", "Extensions cannot be marked as unverified_lazy.")
  }
  if (options.packed && !(isRepeated(field) && isPackable(type))) {
    context.error(field, "type", "[packed = true] can only be specified for repeated primitive fields.")
  }
}

/** A delimited field of an edition counts as a group, but for maps. */
function isGroup(context: LinkContext, field: FieldDescriptorProto): boolean {
  return isDelimited(field, context.file) && context.messageNamed(field.typeName)?.node.options?.mapEntry !== true
}

/** What the message that has the field, or is extended by it, asks of it. */
function checkPlace(context: LinkContext, field: FieldDescriptorProto, message: MessageSymbol): void {
  const { file } = context
  const isExtension = field.extendee !== ""
  if (message.node.options?.messageSetWireFormat) {
    if (!isExtension) {
      context.error(field, "name", "MessageSets cannot have fields, only extensions.")
    } else if (isRequired(field, file) || isRepeated(field) || field.type !== Type.MESSAGE || isGroup(context, field)) {
      context.error(field, "type", "Extensions of MessageSets must be optional messages.")
    }
  }
  if (isExtension && isLite(file) && !isLite(message.file)) {
    context.error(
      field,
      "extendee",
      "Extensions to non-lite types can only be declared in non-lite files.  Note that you cannot extend a non-lite " +
        "type to contain a lite type, but the reverse is allowed.",
    )
  }
}

const NO_MAP_KEY: ReadonlySet<Type> = new Set([Type.FLOAT, Type.DOUBLE, Type.BYTES, Type.MESSAGE, Type.GROUP])

function checkMap(
  context: LinkContext,
  field: FieldDescriptorProto,
  name: string,
  parent: OptionOwner | undefined,
): void {
  if (field.typeName === "") return
  const entry = context.messageNamed(field.typeName)
  if (!entry?.node.options?.mapEntry) return
  if (field.type === Type.GROUP) {
    context.error(
      field,
      "type",
      "Groups cannot be map entries. Use a regular message field with map<KeyType, ValueType> syntax instead.",
    )
    return
  }
  const isOwn =
    isRepeated(field) && field.extendee === "" && entry.name === `${enclosing(name)}.${mapEntryName(field.name)}`
  if (!isOwn || parent?.$typeName !== "google.protobuf.DescriptorProto") {
    context.error(field, "type", explainEntry(context, entry))
  }
  checkMapTypes(context, field, entry)
}

function explainEntry(context: LinkContext, entry: MessageSymbol): string {
  const { name, node } = entry
  const complaint = `${name} is a synthetic MapEntry message type, which is not allowed to be used as a field type.`
  // Somebody may have meant a message of this name further out.
  const other = context.scope.lookup(node.name, enclosing(name), true)
  return other && other.kind === "message" && other.node !== node
    ? `${complaint} Maybe you meant ".${other.name}"?`
    : complaint
}

function checkMapTypes(context: LinkContext, field: FieldDescriptorProto, { node, file }: MessageSymbol): void {
  const [key, value] = node.field as [FieldDescriptorProto, FieldDescriptorProto]
  if (isRequired(key, file) || isRequired(value, file)) {
    context.error(field, "type", "map_entry should not be set explicitly. Use map<KeyType, ValueType> instead.")
    return
  }
  if (key.type === Type.ENUM) {
    context.error(field, "type", "Key in map fields cannot be enum types.")
  } else if (NO_MAP_KEY.has(key.type)) {
    context.error(field, "type", "Key in map fields cannot be float/double, bytes or message types.")
  }
  if (value.type !== Type.ENUM) return
  const type = context.enumNamed(value.typeName)
  if (type && type.node.value[0]?.number !== 0) {
    context.error(field, "type", "Enum value in map must define 0 as the first value.")
  }
}

function checkJsType(context: LinkContext, field: FieldDescriptorProto): void {
  if (!field.options || field.options.jstype === JSType.JS_NORMAL || LONG_TYPES.has(field.type)) return
  context.error(field, "type", "jstype is only allowed on int64, uint64, sint64, fixed64 or sfixed64 fields.")
}

import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { isRepeated } from "./dynamic-message.js"
import { checkJsonNames } from "./json-names.js"
import type { LinkContext } from "./link-context.js"
import { qualified } from "./symbols.js"

/** Checks what can be told only of a file whose names are resolved and whose options are set. */
export function validateFile(context: LinkContext): void {
  const { proto } = context.file
  for (const message of proto.messageType) validateMessage(context, message, qualified(proto.package, message.name))
  for (const node of proto.enumType) validateEnum(context, node, qualified(proto.package, node.name))
  for (const extension of proto.extension) validateField(context, extension, qualified(proto.package, extension.name))
}

function validateMessage(context: LinkContext, node: DescriptorProto, name: string): void {
  const entries = new Map<string, DescriptorProto>()
  for (const nested of node.nestedType) if (nested.options?.mapEntry) entries.set(`.${name}.${nested.name}`, nested)
  for (const field of node.field) {
    validateField(context, field, `${name}.${field.name}`)
    const entry = entries.get(field.typeName)
    if (entry) validateMap(context, field, entry)
  }
  for (const nested of node.nestedType) validateMessage(context, nested, `${name}.${nested.name}`)
  for (const nested of node.enumType) validateEnum(context, nested, `${name}.${nested.name}`)
  for (const extension of node.extension) validateField(context, extension, `${name}.${extension.name}`)
  const range = node.extensionRange[0]
  if (range) context.error(range, "number", "Extension ranges are not allowed in proto3.")
  checkJsonNames(context, node)
}

function validateField(context: LinkContext, field: FieldDescriptorProto, name: string): void {
  if (field.extendee !== "" && !OPTIONS.test(field.extendee)) {
    context.error(field, "extendee", "Extensions in proto3 are only allowed for defining options.")
  }
  if (field.label === Label.REQUIRED) context.error(field, "type", "Required fields are not allowed in proto3.")
  if (Object.hasOwn(field, "defaultValue")) {
    context.error(field, "default", "Explicit default values are not allowed in proto3.")
  }
  if (field.type === Type.ENUM) {
    const symbol = context.symbols.get(field.typeName.slice(1))
    if (symbol?.kind === "enum" && symbol.file.proto.syntax !== "proto3" && symbol.file.proto.edition === 0) {
      context.error(
        field,
        "type",
        `Enum type "${symbol.name}" is not an open enum, but is used in "${name.slice(0, name.lastIndexOf("."))}" which is a proto3 message type.`,
      )
    }
  }
  const { options } = field
  if (options?.packed && !(isRepeated(field) && isPackable(field.type))) {
    context.error(field, "type", "[packed = true] can only be specified for repeated primitive fields.")
  }
}

const OPTIONS =
  /^\.google\.protobuf\.(File|Message|Field|Oneof|Enum|EnumValue|Service|Method|ExtensionRange|Stream|Source)Options$/

function isPackable(type: Type): boolean {
  return type !== Type.STRING && type !== Type.BYTES && type !== Type.MESSAGE && type !== Type.GROUP
}

function validateMap(context: LinkContext, field: FieldDescriptorProto, entry: DescriptorProto): void {
  const key = entry.field[0]?.type
  if (key === Type.ENUM) context.error(field, "type", "Key in map fields cannot be enum types.")
  else if (key === Type.FLOAT || key === Type.DOUBLE || key === Type.BYTES || key === Type.MESSAGE) {
    context.error(field, "type", "Key in map fields cannot be float/double, bytes or message types.")
  }
}

function validateEnum(context: LinkContext, node: EnumDescriptorProto, name: string): void {
  const first = node.value[0]
  if (first && first.number !== 0) context.error(first, "number", "The first enum value must be zero for open enums.")
  const scope = name.slice(0, Math.max(0, name.lastIndexOf(".")))
  const byNumber = new Map<number, string>()
  for (const value of node.value) {
    const other = byNumber.get(value.number)
    if (other === undefined) byNumber.set(value.number, value.name)
    else if (!node.options?.allowAlias) {
      context.error(
        value,
        "number",
        `"${qualified(scope, value.name)}" uses the same enum value as "${qualified(scope, other)}". If this is intended, ` +
          "set 'option allow_alias = true;' to the enum definition.",
      )
    }
  }
}

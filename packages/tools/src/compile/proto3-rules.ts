import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { isClosed } from "./field-features.js"
import type { LinkContext } from "./link-context.js"
import { enclosing, qualified } from "./symbols.js"

/** Reports what proto2 has and proto3 does not (protoc's ValidateProto3). */
export function checkProto3(context: LinkContext): void {
  const { proto } = context.file
  for (const extension of proto.extension) checkField(context, extension, qualified(proto.package, extension.name))
  for (const message of proto.messageType) checkMessage(context, message, qualified(proto.package, message.name))
}

function checkMessage(context: LinkContext, node: DescriptorProto, name: string): void {
  for (const nested of node.nestedType) checkMessage(context, nested, `${name}.${nested.name}`)
  for (const field of node.field) checkField(context, field, `${name}.${field.name}`)
  for (const extension of node.extension) checkField(context, extension, `${name}.${extension.name}`)
  const range = node.extensionRange[0]
  if (range) context.error(range, "number", "Extension ranges are not allowed in proto3.")
  if (node.options?.messageSetWireFormat) context.error(node, "name", "MessageSet is not supported in proto3.")
}

function checkField(context: LinkContext, field: FieldDescriptorProto, name: string): void {
  if (field.extendee !== "" && !OPTIONS_MESSAGE.test(field.extendee)) {
    context.error(field, "extendee", "Extensions in proto3 are only allowed for defining options.")
  }
  if (field.label === Label.REQUIRED) context.error(field, "type", "Required fields are not allowed in proto3.")
  if (Object.hasOwn(field, "defaultValue")) {
    context.error(field, "default", "Explicit default values are not allowed in proto3.")
  }
  if (field.type === Type.GROUP) context.error(field, "type", "Groups are not supported in proto3 syntax.")
  if (field.type === Type.ENUM) {
    const type = context.enumNamed(field.typeName)
    if (type && isClosed(type.node, type.file)) {
      const message = field.extendee === "" ? enclosing(name) : field.extendee.slice(1)
      context.error(
        field,
        "type",
        `Enum type "${type.name}" is not an open enum, but is used in "${message}" which is a proto3 message type.`,
      )
    }
  }
}

/** What proto3 may extend: options, and nothing else. */
const OPTIONS_MESSAGE =
  /^\.google\.protobuf\.(File|Message|Field|Oneof|Enum|EnumValue|Service|Method|ExtensionRange|Stream|Source)Options$/

import type { DescriptorProto, FieldDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"
import { jsonName } from "./literal.js"

/** Reports fields that JSON could not tell apart. */
export function checkJsonNames(context: LinkContext, message: DescriptorProto): void {
  const seen = new Map<string, FieldDescriptorProto>()
  for (const field of message.field) {
    const other = seen.get(field.jsonName)
    if (!other) {
      seen.set(field.jsonName, field)
      continue
    }
    context.error(
      field,
      "name",
      `The ${kind(field)} JSON name of field "${field.name}" ("${field.jsonName}") conflicts with the ${kind(other)} JSON ` +
        `name of field "${other.name}".`,
    )
  }
}

function kind(field: FieldDescriptorProto): "default" | "custom" {
  return field.jsonName === jsonName(field.name) ? "default" : "custom"
}

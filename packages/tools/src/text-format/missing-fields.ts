import type { DescriptorProto } from "@bufbuild/protobuf/wkt"
import { DynamicMessage } from "../compile/dynamic-message.js"
import { isRepeated, isRequired } from "../compile/field-features.js"
import type { MessageSymbol } from "../compile/symbols.js"

/** The required fields that are not set, by their way from the message. */
export function missingFields(message: DynamicMessage, prefix: string): string[] {
  const missing = requiredFields(message.type)
    .filter((name) => !message.fieldNamed(name))
    .map((name) => prefix + name)
  for (const { field, values } of message.sortedEntries()) {
    const name = field.proto.extendee === "" ? field.proto.name : `(${field.name})`
    for (const [i, value] of values.entries()) {
      if (!(value instanceof DynamicMessage)) continue
      const index = isRepeated(field.proto) ? `[${i}]` : ""
      missing.push(...missingFields(value, `${prefix}${name}${index}.`))
    }
  }
  return missing
}

function requiredFields({ node, file }: MessageSymbol): readonly string[] {
  let names = requiredByMessage.get(node)
  if (!names) {
    names = node.field.filter((field) => isRequired(field, file)).map(({ name }) => name)
    requiredByMessage.set(node, names)
  }
  return names
}

const requiredByMessage = new WeakMap<DescriptorProto, readonly string[]>()

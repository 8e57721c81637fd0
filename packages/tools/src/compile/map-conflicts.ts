import type { DescriptorProto } from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"

/** When names clash in a message, says so if one of them is that of a map's entries, which nobody wrote. */
export function explainMapConflicts(context: LinkContext): void {
  for (const message of context.file.proto.messageType) explainInMessage(context, message)
}

function explainInMessage(context: LinkContext, message: DescriptorProto): void {
  const seen = new Map<string, DescriptorProto>()
  for (const nested of message.nestedType) {
    const other = seen.get(nested.name)
    if (other && (isMapEntry(other) || isMapEntry(nested))) {
      explain(context, message, nested.name, "nested message type")
      break
    }
    if (!other) seen.set(nested.name, nested)
    explainInMessage(context, nested)
  }
  for (const [nodes, what] of [
    [message.field, "field"],
    [message.enumType, "enum type"],
    [message.oneofDecl, "oneof type"],
  ] as const) {
    for (const { name } of nodes) {
      const nested = seen.get(name)
      if (nested && isMapEntry(nested)) explain(context, message, name, what)
    }
  }
}

function isMapEntry(message: DescriptorProto): boolean {
  return message.options?.mapEntry === true
}

function explain(context: LinkContext, message: DescriptorProto, name: string, what: string): void {
  context.error(message, "name", `Expanded map entry type ${name} conflicts with an existing ${what}.`)
}

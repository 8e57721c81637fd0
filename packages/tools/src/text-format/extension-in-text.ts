import type { DynamicField } from "../compile/dynamic-message.js"
import { isRepeated } from "../compile/field-features.js"
import type { DeclaredSymbol, MessageSymbol } from "../compile/symbols.js"

/** The extension of a message that a name in brackets means; in a message set, the name of its type means it as well. */
export function extensionInText(message: MessageSymbol, named: DeclaredSymbol | undefined): DynamicField | undefined {
  if (named?.kind === "message") return messageSetItem(message, named)
  if (named?.kind !== "extension" || named.node.extendee !== `.${message.name}`) return undefined
  return { proto: named.node, name: named.name, file: named.file }
}

/** The extension by which a message of this type stands in a message set. */
function messageSetItem(set: MessageSymbol, item: MessageSymbol): DynamicField | undefined {
  if (!set.node.options?.messageSetWireFormat) return undefined
  const proto = item.node.extension.find(
    (extension) =>
      extension.extendee === `.${set.name}` && extension.typeName === `.${item.name}` && !isRepeated(extension),
  )
  return proto && { proto, name: `${item.name}.${proto.name}`, file: item.file }
}

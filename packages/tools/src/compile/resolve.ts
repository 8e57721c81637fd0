import {
  type DescriptorProto,
  type FieldDescriptorProto,
  type MethodDescriptorProto,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { findEnumValue, suggestEnumValue } from "./enum-value.js"
import { proposeNumber } from "./field-numbers.js"
import { extensionRangeOf } from "./half-open-range.js"
import { jsonName } from "./json-name.js"
import { MAX_MESSAGE_DEPTH } from "./language-limits.js"
import type { LinkContext } from "./link-context.js"
import type { Aspect, DescriptorNode } from "./source-info.js"
import { suggestType } from "./suggest-name.js"
import { explainInvisible } from "./symbol-visibility.js"
import { type DeclaredSymbol, type EnumSymbol, type MessageSymbol, qualified } from "./symbols.js"

/**
 * Replaces every type name of a declared file by the full name of what it means, in the order of protoc's
 * DescriptorBuilder::CrossLinkFile.
 */
export function resolveFile(context: LinkContext): void {
  const { proto } = context.file
  for (const message of proto.messageType) resolveMessage(context, message, qualified(proto.package, message.name))
  for (const extension of proto.extension) resolveField(context, extension, qualified(proto.package, extension.name))
  for (const service of proto.service) {
    const name = qualified(proto.package, service.name)
    for (const method of service.method) resolveMethod(context, method, `${name}.${method.name}`)
  }
}

function resolveMessage(context: LinkContext, node: DescriptorProto, name: string, depth: number = 1): void {
  // Deeper ones have not been declared.
  const nestedTypes = depth > MAX_MESSAGE_DEPTH ? [] : node.nestedType
  for (const nested of nestedTypes) resolveMessage(context, nested, `${name}.${nested.name}`, depth + 1)
  let proposal: string | undefined
  for (const field of node.field) {
    const fieldName = `${name}.${field.name}`
    if (!resolveField(context, field, fieldName)) continue
    const holder = context.numbers.take({ node, name }, field, fieldName)
    if (!holder) continue
    proposal ??= proposeNumber(node)
    const used = `Field number ${field.number} has already been used in "${name}" by field "${holder.name}".`
    context.error(field, "number", `${used} ${proposal}`)
  }
  for (const extension of node.extension) resolveField(context, extension, `${name}.${extension.name}`)
  checkOneofs(context, node)
}

function checkOneofs(context: LinkContext, node: DescriptorProto): void {
  const used = new Set<number>()
  for (const field of node.field) if (Object.hasOwn(field, "oneofIndex")) used.add(field.oneofIndex)
  for (const [index, oneof] of node.oneofDecl.entries()) {
    if (!used.has(index)) context.errorAbout(oneof, "Oneof must have at least one field.")
  }
  // The oneof of an optional field of proto3 is made for messages; a group, which proto3 has not, goes without.
  for (const field of node.field) {
    if (!field.proto3Optional || Object.hasOwn(field, "oneofIndex")) continue
    context.errorAbout(field, "Fields with proto3_optional set must be a member of a one-field oneof")
  }
}

/** Returns false when the field's type, or what it extends, is not known. */
function resolveField(context: LinkContext, field: FieldDescriptorProto, name: string): boolean {
  if (!Object.hasOwn(field, "jsonName")) field.jsonName = jsonName(field.name)
  const extended = field.extendee === "" ? undefined : resolveExtendee(context, field, name)
  if (field.extendee !== "" && !extended) return false
  if (lacksTypeName(field)) {
    context.error(field, "type", "Field with message or enum type missing type_name.")
    return false
  }
  if (field.typeName !== "" && !resolveType(context, field, name)) return false
  if (extended) declareExtensionNumber(context, extended, field, name)
  return true
}

/** A group can be written where only a name could say which, as the key or value of a map. */
function lacksTypeName(field: FieldDescriptorProto): boolean {
  return field.typeName === "" && field.type === Type.GROUP
}

/** Returns false when there is no such type. */
function resolveType(context: LinkContext, field: FieldDescriptorProto, name: string): boolean {
  const symbol = find(context, field, "type", field.typeName, name, true)
  if (!symbol) return false
  if (symbol.kind !== "message" && symbol.kind !== "enum") {
    context.error(field, "type", `"${field.typeName}" is not a type.`)
    return false
  }
  const invisible = explainInvisible(context, symbol, "")
  if (invisible !== undefined) {
    context.error(field, "type", invisible)
    return false
  }
  const written = field.typeName
  field.typeName = `.${symbol.name}`
  const isGroup = Object.hasOwn(field, "type") && field.type === Type.GROUP
  if (!isGroup) field.type = symbol.kind === "message" ? Type.MESSAGE : Type.ENUM
  if (isGroup && symbol.kind === "enum") {
    context.error(field, "type", `"${written}" is not a message type.`)
    return false
  }
  if (Object.hasOwn(field, "defaultValue")) checkDefault(context, field, symbol)
  return true
}

/** Until the type of a field is known, its default is only a word. */
function checkDefault(context: LinkContext, field: FieldDescriptorProto, type: MessageSymbol | EnumSymbol): void {
  const name = field.defaultValue
  if (type.kind === "message") {
    context.error(field, "default", "Messages can't have default values.")
  } else if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    context.error(field, "default", "Default value for an enum field must be an identifier.")
  } else if (findEnumValue(type.node, name) === undefined) {
    context.error(field, "default", `Enum type "${type.name}" has no value named "${name}".`, () =>
      suggestEnumValue(type.node, name),
    )
  }
}

function resolveExtendee(context: LinkContext, field: FieldDescriptorProto, name: string): MessageSymbol | undefined {
  const extended = findMessage(context, field, "extendee", field.extendee, name)
  if (!extended) return undefined
  field.extendee = `.${extended.name}`
  if (!extensionRangeOf(extended.node, field.number)) {
    context.error(field, "number", `"${extended.name}" does not declare ${field.number} as an extension number.`)
  }
  return extended
}

function declareExtensionNumber(
  context: LinkContext,
  extended: MessageSymbol,
  field: FieldDescriptorProto,
  name: string,
): void {
  const used = `Extension number ${field.number} has already been used in "${extended.name}" by extension`
  const holder = context.numbers.take(extended, field, name)
  if (holder) {
    context.error(field, "number", `${used} "${holder.fullName}".`)
    return
  }
  const other = context.symbols.addExtension({ kind: "extension", name, node: field, file: context.file })
  if (!other) return
  const position = context.parsed.source.position(field, "number")
  context.warningAt(position, `${used} "${other.name}" defined in ${other.file.proto.name}.`)
}

function resolveMethod(context: LinkContext, method: MethodDescriptorProto, name: string): void {
  const input = findMessage(context, method, "input", method.inputType, name)
  if (input) method.inputType = `.${input.name}`
  const output = findMessage(context, method, "output", method.outputType, name)
  if (output) method.outputType = `.${output.name}`
}

function findMessage(
  context: LinkContext,
  node: DescriptorNode,
  aspect: Aspect,
  written: string,
  from: string,
): MessageSymbol | undefined {
  const symbol = find(context, node, aspect, written, from, false)
  if (!symbol) return undefined
  if (symbol.kind !== "message") {
    context.error(node, aspect, `"${written}" is not a message type.`)
    return undefined
  }
  const invisible = explainInvisible(context, symbol, aspect === "extendee" ? "target of extend" : "")
  if (invisible === undefined) return symbol
  context.error(node, aspect, invisible)
  return undefined
}

function find(
  context: LinkContext,
  node: DescriptorNode,
  aspect: Aspect,
  written: string,
  from: string,
  typesOnly: boolean,
): DeclaredSymbol | undefined {
  const symbol = context.scope.lookup(written, from, typesOnly)
  if (symbol) return symbol
  const suggest = (): string | undefined => suggestType(context, written, from, typesOnly ? "type" : "message")
  const hint = context.scope.isElsewhere ? undefined : suggest
  for (const message of context.scope.explainMissing(written)) context.error(node, aspect, message, hint)
  return undefined
}

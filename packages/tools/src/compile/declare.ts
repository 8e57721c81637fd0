import type {
  DescriptorProto,
  EnumDescriptorProto,
  EnumValueDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from "@bufbuild/protobuf/wkt"
import { FieldDescriptorProto_Label as Label } from "@bufbuild/protobuf/wkt"
import type { FieldNumberHints } from "./field-number-hints.js"
import { MAX_FIELD_NUMBER, MAX_MESSAGE_DEPTH } from "./language-limits.js"
import type { LinkContext } from "./link-context.js"
import { checkOptionNames } from "./option-names.js"
import {
  checkEnumReserved,
  checkEnumReservedRanges,
  checkExtensionRanges,
  checkReserved,
  checkReservedRanges,
} from "./reserved.js"
import type { DescriptorNode } from "./source-info.js"
import { type DeclaredSymbol, enclosing, qualified } from "./symbols.js"

/**
 * Enters every name of a parsed file into the symbol table, and reports what is wrong with each declaration by itself.
 * The order is that of protoc's DescriptorBuilder::BuildFileImpl, for the errors to come in protoc's order.
 */
export function declareFile(context: LinkContext, hints: FieldNumberHints): void {
  const { proto } = context.file
  declarePackage(context, proto.package)
  for (const message of proto.messageType) declareMessage(context, hints, message, proto.package)
  for (const node of proto.enumType) declareEnum(context, node, proto.package)
  for (const service of proto.service) {
    const name = qualified(proto.package, service.name)
    for (const method of service.method) {
      checkOptionNames(context, method)
      declare(context, method, { kind: "method", name: `${name}.${method.name}`, node: method, file: context.file })
    }
    checkOptionNames(context, service)
    declare(context, service, { kind: "service", name, node: service, file: context.file })
  }
  for (const extension of proto.extension) declareField(context, hints, extension, proto.package, undefined)
  checkOptionNames(context, proto)
}

/** Returns false, having said so, when the package's name is so long that nothing in it can be named. */
export function checkPackage(context: LinkContext): boolean {
  const { package: name } = context.file.proto
  const isTooLong = name.length > MAX_PACKAGE_LENGTH
  if (!isTooLong && name.split(".").length <= MAX_PACKAGE_DEPTH) return true
  context.errorAt(context.packagePosition, isTooLong ? "Package name is too long" : "Exceeds Maximum Package Depth")
  return false
}

const MAX_PACKAGE_LENGTH = 511
const MAX_PACKAGE_DEPTH = 101
/** Of a full name, or of one that is reserved. */
const MAX_NAME_LENGTH = 65_535

function declarePackage(context: LinkContext, name: string): void {
  if (name === "") return
  declarePackage(context, enclosing(name))
  const node: FileDescriptorProto = context.file.proto
  const existing = context.symbols.add({ kind: "package", name, node, file: context.file })
  if (!existing || existing.kind === "package") return
  context.errorAt(
    context.packagePosition,
    `"${name}" is already defined (as something other than a package) in file "${existing.file.proto.name}".`,
  )
}

/** Returns false, having said so, when the name is taken. */
function declare(context: LinkContext, node: DescriptorNode, symbol: DeclaredSymbol): boolean {
  const { name } = symbol
  if (name.length > MAX_NAME_LENGTH) context.error(node, "name", "Name too long.")
  const existing = context.symbols.add(symbol)
  if (!existing) return true
  const outer = enclosing(name)
  let message: string
  if (existing.file !== context.file) message = `"${name}" is already defined in file "${existing.file.proto.name}".`
  else if (outer === "") message = `"${name}" is already defined.`
  else message = `"${name.slice(outer.length + 1)}" is already defined in "${outer}".`
  context.error(node, "name", message)
  return false
}

function declareMessage(
  context: LinkContext,
  hints: FieldNumberHints,
  node: DescriptorProto,
  scope: string,
  depth: number = 1,
): void {
  const name = qualified(scope, node.name)
  const { file } = context
  for (const oneof of node.oneofDecl) {
    checkOptionNames(context, oneof)
    declare(context, oneof, { kind: "oneof", name: `${name}.${oneof.name}`, node: oneof, file })
  }
  for (const field of node.field) declareField(context, hints, field, name, node)
  for (const nested of node.enumType) declareEnum(context, nested, name)
  checkExtensionRanges(context, hints, node)
  for (const extension of node.extension) declareField(context, hints, extension, name, undefined)
  checkReservedRanges(context, hints, node)
  checkOptionNames(context, node)
  if (depth > MAX_MESSAGE_DEPTH) {
    context.errorAbout(node, "Reached maximum recursion limit for nested messages.")
    return
  }
  for (const nested of node.nestedType) declareMessage(context, hints, nested, name, depth + 1)
  for (const reserved of node.reservedName) {
    if (reserved.length > MAX_NAME_LENGTH) context.error(node, "name", "Reserved name too long.")
  }
  declare(context, node, { kind: "message", name, node, file })
  checkReserved(context, hints, node)
}

function declareField(
  context: LinkContext,
  hints: FieldNumberHints,
  node: FieldDescriptorProto,
  scope: string,
  message: DescriptorProto | undefined,
): void {
  const { number } = node
  checkLabelAndDefault(context, node, qualified(scope, node.name), message)
  if (number <= 0) {
    if (message) hints.request(message, node)
    context.error(node, "number", "Field numbers must be positive integers.")
  } else if (message && number > MAX_FIELD_NUMBER) {
    hints.request(message, node)
    context.error(node, "number", `Field numbers cannot be greater than ${MAX_FIELD_NUMBER}.`)
  }
  checkOptionNames(context, node)
  const kind = message ? "field" : "extension"
  declare(context, node, { kind, name: qualified(scope, node.name), node, file: context.file })
}

function checkLabelAndDefault(
  context: LinkContext,
  node: FieldDescriptorProto,
  name: string,
  message: DescriptorProto | undefined,
): void {
  if (node.label === Label.REQUIRED && !message) {
    context.error(node, "type", `The extension ${name} cannot be required.`)
  }
  if (!Object.hasOwn(node, "defaultValue")) return
  if (node.label === Label.REPEATED) context.error(node, "default", "Repeated fields can't have default values.")
}

function declareEnum(context: LinkContext, node: EnumDescriptorProto, scope: string): void {
  const { file } = context
  if (node.value.length === 0) context.error(node, "name", "Enums must contain at least one value.")
  const own = new Set<string>()
  for (const value of node.value) {
    checkOptionNames(context, value)
    const isNew = declare(context, value, { kind: "value", name: qualified(scope, value.name), node: value, file })
    if (!isNew && !own.has(value.name)) explainValueScope(context, node, value, scope)
    own.add(value.name)
  }
  checkEnumReservedRanges(context, node)
  checkOptionNames(context, node)
  declare(context, node, { kind: "enum", name: qualified(scope, node.name), node, file })
  checkEnumReserved(context, node)
}

/** Another declaration beside the enum has the name of one of its values, which surprises people. */
function explainValueScope(
  context: LinkContext,
  node: EnumDescriptorProto,
  value: EnumValueDescriptorProto,
  scope: string,
): void {
  const outer = scope === "" ? "the global scope" : `"${scope}"`
  context.error(
    value,
    "name",
    "Note that enum values use C++ scoping rules, meaning that enum values are siblings of their type, not children of " +
      `it.  Therefore, "${value.name}" must be unique within ${outer}, not just within "${node.name}".`,
  )
}

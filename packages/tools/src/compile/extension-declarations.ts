import {
  type DescriptorProto,
  type DescriptorProto_ExtensionRange,
  type ExtensionRangeOptions_Declaration,
  ExtensionRangeOptions_VerificationState,
  type FieldDescriptorProto,
  type FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { DESCRIPTOR_PROTO } from "./bundled.js"
import { isRepeated } from "./field-features.js"
import { extensionRangeOf, holds } from "./half-open-range.js"
import { MAX_INT32 } from "./integer-ranges.js"
import { MAX_FIELD_NUMBER } from "./language-limits.js"
import type { LinkContext } from "./link-context.js"
import { TYPE_KEYWORDS } from "./parse-type.js"
import type { MessageSymbol } from "./symbols.js"

const { DECLARATION, UNVERIFIED } = ExtensionRangeOptions_VerificationState

/** Checks the numbers and the declarations of a message's extension ranges. */
export function checkExtensionRangeOptions(context: LinkContext, message: DescriptorProto): void {
  const max = message.options?.messageSetWireFormat ? MAX_INT32 : MAX_FIELD_NUMBER
  const names = new Set<string>()
  for (const range of message.extensionRange) {
    // protoc gives no place for it.
    if (range.end > max + 1) context.errorAbout(range, `Extension numbers cannot be greater than ${max}.`)
    const options = context.file.rangeOptions.get(range)
    if (!options || options.declaration.length === 0) continue
    if (Object.hasOwn(options, "verification") && options.verification === UNVERIFIED) {
      const complaint = "Cannot mark the extension range as UNVERIFIED when it has extension(s) declared."
      context.error(range, "extendee", complaint)
      return
    }
    checkDeclarations(context, range, options.declaration, names)
  }
}

function checkDeclarations(
  context: LinkContext,
  range: DescriptorProto_ExtensionRange,
  declarations: readonly ExtensionRangeOptions_Declaration[],
  names: Set<string>,
): void {
  const numbers = new Set<number>()
  for (const declaration of declarations) {
    const { number, fullName, type } = declaration
    if (!holds(range, number)) {
      context.error(range, "number", `Extension declaration number ${number} is not in the extension range.`)
    }
    if (numbers.has(number)) {
      context.error(range, "number", `Extension declaration number ${number} is declared multiple times.`)
    }
    numbers.add(number)
    const hasName = Object.hasOwn(declaration, "fullName")
    const hasType = Object.hasOwn(declaration, "type")
    if (!hasName || !hasType) {
      if (hasName !== hasType || !declaration.reserved) {
        const complaint = `Extension declaration #${number} should have both "full_name" and "type" set.`
        context.error(range, "extendee", complaint)
      }
      continue
    }
    if (names.has(fullName)) {
      context.error(range, "name", `Extension field name "${fullName}" is declared multiple times.`)
      return
    }
    names.add(fullName)
    checkQualifiedName(context, range, fullName)
    if (!isScalarName(type)) checkQualifiedName(context, range, type)
  }
}

function checkQualifiedName(context: LinkContext, range: DescriptorProto_ExtensionRange, name: string): void {
  if (!name.startsWith(".")) {
    context.error(range, "name", `"${name}" must have a leading dot to indicate the fully-qualified scope.`)
  } else if (!/^(\.?[A-Za-z0-9_]+)*$/.test(name)) {
    context.error(range, "name", `"${name}" contains invalid identifiers.`)
  }
}

/** Whether a declaration's type is no message or enum. */
function isScalarName(type: string): boolean {
  return type !== "group" && TYPE_KEYWORDS.has(type)
}

/** Checks an extension against what the message it extends has declared for its number. */
export function checkDeclaredExtension(
  context: LinkContext,
  field: FieldDescriptorProto,
  name: string,
  message: MessageSymbol,
): void {
  // The registry of options is kept by people.
  if (message.file.proto.name === DESCRIPTOR_PROTO) return
  const range = extensionRangeOf(message.node, field.number)
  const options = range && message.file.rangeOptions.get(range)
  if (!options) return
  const declaration = options.declaration.find(({ number }) => number === field.number)
  const where = `"${message.name}" extension field ${field.number} is expected to`
  if (!declaration) {
    if (options.declaration.length === 0 && options.verification !== DECLARATION) return
    context.error(
      field,
      "extendee",
      `Missing extension declaration for field ${name} with number ${field.number} in extendee message ${message.name}. ` +
        "An extension range must declare for all extension fields if its verification state is DECLARATION or there's any " +
        "declaration in the range already. Otherwise, consider splitting up the range.",
    )
    return
  }
  if (declaration.reserved) {
    context.error(
      field,
      "extendee",
      `Cannot use number ${field.number} for extension field ${name}, as it is reserved in the extension declarations for ` +
        `message ${message.name}.`,
    )
    return
  }
  checkDeclaredType(context, field, declaration.type, where)
  if (declaration.fullName !== "" && declaration.fullName !== `.${name}`) {
    context.error(field, "extendee", `${where} have field name "${declaration.fullName}", not ".${name}".`)
  }
  if (declaration.repeated !== isRepeated(field)) {
    context.error(field, "extendee", `${where} be ${declaration.repeated ? "repeated" : "optional"}.`)
  }
}

function checkDeclaredType(context: LinkContext, field: FieldDescriptorProto, type: string, where: string): void {
  if (type === "" || context.failed) return
  const actual = field.typeName || keywordOf(field.type)
  const expected = isScalarName(type) || type.startsWith(".") ? type : `.${type}`
  if (expected !== actual) context.error(field, "extendee", `${where} be type "${expected}", not "${actual}".`)
}

function keywordOf(type: Type): string {
  for (const [keyword, keywordType] of TYPE_KEYWORDS) if (keywordType === type) return keyword
  return ""
}

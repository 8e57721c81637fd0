import { create } from "@bufbuild/protobuf"
import {
  type EnumValueDescriptorProto,
  type FieldDescriptorProto,
  type FieldOptions_FeatureSupport,
  FieldOptions_FeatureSupportSchema,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"
import { enclosing, qualified } from "./symbols.js"

/** Reports a field that says of itself when it may be used, and contradicts itself or its enum. */
export function checkFieldSupport(context: LinkContext, field: FieldDescriptorProto, name: string): void {
  const support = field.options?.featureSupport
  const complaint = contradiction(support, name) ?? contradictingValue(context, field, name, support)
  // protoc gives no place for it but that of a JSON name.
  if (complaint !== undefined) context.error(field, "json", complaint)
}

/** The same for an enum value. */
export function checkEnumValueSupport(context: LinkContext, value: EnumValueDescriptorProto, name: string): void {
  const complaint = contradiction(value.options?.featureSupport, name)
  if (complaint !== undefined) context.errorAbout(value, complaint)
}

function contradictingValue(
  context: LinkContext,
  field: FieldDescriptorProto,
  name: string,
  parent: FieldOptions_FeatureSupport | undefined,
): string | undefined {
  if (!parent || field.type !== Type.ENUM) return undefined
  const type = context.enumNamed(field.typeName)
  for (const value of type?.node.value ?? []) {
    const own = value.options?.featureSupport
    if (!type || !own) continue
    const support = create(FieldOptions_FeatureSupportSchema, { ...parent, ...own })
    const valueName = qualified(enclosing(type.name), value.name)
    const complaint = contradiction(support, valueName) ?? widened(support, parent, valueName, name)
    if (complaint !== undefined) return complaint
  }
  return undefined
}

/** A value may not be there when its field is not. */
function widened(
  support: FieldOptions_FeatureSupport,
  parent: FieldOptions_FeatureSupport,
  name: string,
  fieldName: string,
): string | undefined {
  if (support.editionIntroduced < parent.editionIntroduced) {
    return `value ${name} was introduced before ${fieldName} was.`
  }
  if (Object.hasOwn(parent, "editionRemoved") && support.editionRemoved > parent.editionRemoved) {
    return `value ${name} was removed after ${fieldName} was.`
  }
  if (Object.hasOwn(parent, "editionDeprecated") && support.editionDeprecated > parent.editionDeprecated) {
    return `value ${name} was deprecated after ${fieldName} was.`
  }
  return undefined
}

function contradiction(support: FieldOptions_FeatureSupport | undefined, name: string): string | undefined {
  if (!support) return undefined
  const { editionIntroduced, editionDeprecated, editionRemoved } = support
  const isDeprecated = Object.hasOwn(support, "editionDeprecated")
  const hasWarning = Object.hasOwn(support, "deprecationWarning")
  const hasRemovalError = Object.hasOwn(support, "removalError")
  if (isDeprecated) {
    if (editionDeprecated < editionIntroduced) return `${name} was deprecated before it was introduced.`
    if (!hasWarning) return `${name} is deprecated but does not specify a deprecation warning.`
  } else if (hasWarning) {
    return `${name} specifies a deprecation warning but is not marked deprecated in any edition.`
  }
  if (!Object.hasOwn(support, "editionRemoved")) {
    return hasRemovalError ? `${name} specifies a removal error but is not marked removed in any edition.` : undefined
  }
  if (editionDeprecated >= editionRemoved) return `${name} was deprecated after it was removed.`
  if (editionRemoved < editionIntroduced) return `${name} was removed before it was introduced.`
  if (editionIntroduced !== editionRemoved && !hasRemovalError) {
    return `${name} has been removed but does not specify a removal error.`
  }
  return undefined
}

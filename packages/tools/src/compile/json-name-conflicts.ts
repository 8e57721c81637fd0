import { type DescriptorProto, FeatureSet_JsonFormat, type FieldDescriptorProto } from "@bufbuild/protobuf/wkt"
import { jsonName } from "./json-name.js"
import type { LinkContext } from "./link-context.js"

/** Reports fields that JSON could not tell apart (protobuf.dev, "ProtoJSON Format"). */
export function checkJsonNames(context: LinkContext, message: DescriptorProto): void {
  if (message.options?.deprecatedLegacyJsonFieldConflicts) return
  // Field masks know nothing of custom names, so the default ones may not clash either.
  checkUnique(context, message, false)
  checkUnique(context, message, true)
}

interface FieldJsonName {
  readonly field: FieldDescriptorProto
  readonly name: string
  readonly isCustom: boolean
}

function checkUnique(context: LinkContext, message: DescriptorProto, withCustom: boolean): void {
  const isLegacy = context.file.features.of(message).jsonFormat === FeatureSet_JsonFormat.LEGACY_BEST_EFFORT
  const seen = new Map<string, FieldJsonName>()
  for (const field of message.field) {
    const defaultName = jsonName(field.name)
    const isCustom = withCustom && field.jsonName !== defaultName
    const name = isCustom ? field.jsonName : defaultName
    if (isCustom && name.startsWith("[") && name.endsWith("]")) {
      context.error(
        field,
        "name",
        `The custom JSON name of field "${field.name}" ("${name}") is invalid: JSON names may not start with '[' and end ` +
          "with ']'.",
      )
      continue
    }
    const other = seen.get(name)
    if (!other) {
      seen.set(name, { field, name, isCustom })
    } else if (!withCustom || isCustom || other.isCustom) {
      const conflict =
        `The ${kind(isCustom)} JSON name of field "${field.name}" ("${name}") conflicts with the ${kind(other.isCustom)} ` +
        `JSON name of field "${other.field.name}".`
      if (isLegacy && !(isCustom && other.isCustom)) context.warning(field, "name", conflict)
      else context.error(field, "name", conflict)
    }
  }
}

function kind(isCustom: boolean): string {
  return isCustom ? "custom" : "default"
}

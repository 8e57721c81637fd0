import { Edition, type EnumDescriptorProto, type EnumValueDescriptorProto } from "@bufbuild/protobuf/wkt"
import { isClosed } from "./field-features.js"
import { MAX_INT32 } from "./integer-ranges.js"
import type { LinkContext } from "./link-context.js"
import { qualified } from "./symbols.js"

/** Checks the values of an enum against each other. `scope` is the name of what the enum stands in. */
export function checkEnumValues(context: LinkContext, node: EnumDescriptorProto, scope: string): void {
  checkNamesWithoutPrefix(context, node)
  const first = node.value[0]
  if (first && first.number !== 0 && !isClosed(node, context.file))
    context.error(first, "number", "The first enum value must be zero for open enums.")
  if (!node.options?.allowAlias) checkNumbers(context, node, scope)
}

function checkNumbers(context: LinkContext, node: EnumDescriptorProto, scope: string): void {
  const byNumber = new Map<number, string>()
  const taken = new Set(node.value.map(({ number }) => number))
  for (const value of node.value) {
    const other = byNumber.get(value.number)
    if (other === undefined) {
      byNumber.set(value.number, value.name)
      continue
    }
    let free = value.number
    while (taken.has(free)) free++
    const hint = free <= MAX_INT32 ? ` The next available enum value is ${free}.` : ""
    context.error(
      value,
      "number",
      `"${qualified(scope, value.name)}" uses the same enum value as "${qualified(scope, other)}". If this is intended, ` +
        `set 'option allow_alias = true;' to the enum definition.${hint}`,
    )
  }
}

/** Generators drop the enum's name from its values and change their case: that must leave them apart. */
function checkNamesWithoutPrefix(context: LinkContext, node: EnumDescriptorProto): void {
  // There are enums of proto2 that have such names.
  const isExcused =
    node.options?.deprecatedLegacyJsonFieldConflicts === true &&
    context.file.features.edition === Edition.EDITION_PROTO2
  const seen = new Map<string, EnumValueDescriptorProto>()
  for (const value of node.value) {
    const short = pascalCase(withoutPrefix(value.name, node.name))
    const other = seen.get(short)
    if (!other) seen.set(short, value)
    else if (other.name !== value.name && other.number !== value.number) {
      const conflict =
        `Enum name ${value.name} has the same name as ${other.name} if you ignore case and strip out the enum name prefix ` +
        "(if any). (If you are using allow_alias, please assign the same number to each enum value name.)"
      if (isExcused) context.warning(value, "name", conflict)
      else context.error(value, "name", conflict)
    }
  }
}

/** The value's name without the enum's, however either is cased and underscored; as it is, if nothing would be left. */
function withoutPrefix(name: string, enumName: string): string {
  const prefix = enumName.replaceAll("_", "").toLowerCase()
  let at = 0
  for (let matched = 0; matched < prefix.length; at++) {
    if (at === name.length) return name
    if (name[at] === "_") continue
    if (name[at]?.toLowerCase() !== prefix[matched]) return name
    matched++
  }
  while (name[at] === "_") at++
  return at === name.length ? name : name.slice(at)
}

function pascalCase(name: string): string {
  const words = name.split("_")
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()).join("")
}

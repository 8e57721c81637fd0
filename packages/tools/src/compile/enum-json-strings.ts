import type { EnumDescriptorProto, EnumValueDescriptorProto } from "@bufbuild/protobuf/wkt"
import { decodeByteString } from "./byte-string.js"
import { DynamicMessage } from "./dynamic-message.js"
import type { LinkContext } from "./link-context.js"

/** The option of google/protobuf/json_enumvalue_options.proto. */
const JSON_OPTION = "pb.enumvalue.json"

/** The name that JSON has for a value in place of its own. */
function customString(context: LinkContext, value: EnumValueDescriptorProto): string | undefined {
  const options = context.interpreted.get(value)
  const entry = options?.sortedEntries().find(({ field }) => field.name === JSON_OPTION)
  const [json] = entry?.values ?? []
  if (!(json instanceof DynamicMessage)) return undefined
  const [text] = json.fieldNamed("string")?.values ?? []
  return typeof text === "string" ? decodeByteString(text) : ""
}

/** Reports values of an enum that JSON could not tell apart, and aliases that it would. */
export function checkEnumJsonStrings(context: LinkContext, node: EnumDescriptorProto): void {
  if (!node.value.some((value) => context.interpreted.has(value))) return
  const byName = new Map<string, EnumValueDescriptorProto>()
  const byNumber = new Map<number, EnumValueDescriptorProto>()
  // protoc gives no place for any of it.
  const complain = (message: string): void => context.errorAbout(node, message)
  for (const value of node.value) {
    const custom = customString(context, value)
    const primary = node.options?.allowAlias ? byNumber.get(value.number) : undefined
    if (!primary) byNumber.set(value.number, value)
    else if (customString(context, primary) !== custom) {
      complain(
        `Alias values for number ${value.number} must have the same custom JSON string. "${value.name}" has ` +
          `${quoted(custom)} but primary alias "${primary.name}" has ${quoted(customString(context, primary))}.`,
      )
    }
    for (const [name, kind] of [
      [value.name, "Default"],
      [custom, "Custom"],
    ] as const) {
      if (name === undefined) continue
      const other = byName.get(name)
      if (!other) byName.set(name, value)
      else if (other !== value && other.number !== value.number) {
        const otherKind = other.name === name ? "default" : "custom"
        complain(`${kind} JSON string "${name}" conflicts with ${otherKind} JSON string of "${other.name}".`)
      }
    }
  }
}

function quoted(custom: string | undefined): string {
  return custom === undefined ? "unset" : `"${custom}"`
}

/** Reports a custom string that is no name, or the number of another value. */
export function checkEnumJsonString(context: LinkContext, value: EnumValueDescriptorProto): void {
  const custom = customString(context, value)
  if (custom === undefined) return
  if (custom.includes("\0")) {
    context.errorAbout(value, "Custom JSON strings cannot contain embedded null characters.")
  }
  if (/^\s*[+-]?\d+\s*$/.test(custom) && Number(custom) !== value.number && Math.abs(Number(custom)) < 2 ** 31) {
    context.errorAbout(
      value,
      `Custom JSON string "${custom}" parses as integer ${Number(custom)}, which does not match the enum value's number ` +
        `${value.number}.`,
    )
  }
}

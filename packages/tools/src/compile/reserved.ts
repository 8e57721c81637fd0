import type { DescriptorProto, EnumDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { FieldNumberHints } from "./field-number-hints.js"
import type { LinkContext } from "./link-context.js"

/** Reports reserved and extension ranges that overlap, and fields that use what is reserved. */
export function checkReserved(
  context: LinkContext,
  hints: FieldNumberHints,
  message: DescriptorProto,
  name: string,
): void {
  const { reservedRange: reserved, extensionRange: extensions } = message
  for (const [i, range] of reserved.entries()) {
    for (const other of reserved.slice(i + 1)) {
      if (!overlap(range, other)) continue
      context.error(
        range,
        "number",
        `Reserved range ${other.start} to ${other.end - 1} overlaps with already-defined range ${range.start} to ${range.end - 1}.`,
      )
    }
  }
  const names = checkReservedNames(context, message, "Field name")
  for (const field of message.field) {
    for (const range of extensions) {
      if (!holds(range, field.number)) continue
      hints.request(message, name, range)
      context.error(
        range,
        "number",
        `Extension range ${range.start} to ${range.end - 1} includes field "${field.name}" (${field.number}).`,
      )
    }
    for (const range of reserved) {
      if (!holds(range, field.number)) continue
      hints.request(message, name, range)
      context.error(range, "number", `Field "${field.name}" uses reserved number ${field.number}.`)
    }
    if (names.has(field.name)) context.error(field, "name", `Field name "${field.name}" is reserved.`)
  }
  for (const [i, range] of extensions.entries()) {
    for (const other of reserved) {
      if (!overlap(range, other)) continue
      context.error(
        range,
        "number",
        `Extension range ${range.start} to ${range.end - 1} overlaps with reserved range ${other.start} to ${other.end - 1}.`,
      )
    }
    for (const other of extensions.slice(i + 1)) {
      if (!overlap(range, other)) continue
      context.error(
        range,
        "number",
        `Extension range ${other.start} to ${other.end - 1} overlaps with already-defined range ${range.start} to ${range.end - 1}.`,
      )
    }
  }
}

/** The same for an enum, whose ranges include their ends. */
export function checkEnumReserved(context: LinkContext, node: EnumDescriptorProto): void {
  const { reservedRange: reserved } = node
  for (const [i, range] of reserved.entries()) {
    for (const other of reserved.slice(i + 1)) {
      if (range.end < other.start || other.end < range.start) continue
      context.error(
        range,
        "number",
        `Reserved range ${other.start} to ${other.end} overlaps with already-defined range ${range.start} to ${range.end}.`,
      )
    }
  }
  const names = checkReservedNames(context, node, "Enum value")
  for (const value of node.value) {
    for (const { start, end } of reserved) {
      if (value.number < start || value.number > end) continue
      context.error(value, "number", `Enum value "${value.name}" uses reserved number ${value.number}.`)
    }
    if (names.has(value.name)) context.error(value, "name", `Enum value "${value.name}" is reserved.`)
  }
}

function checkReservedNames(
  context: LinkContext,
  node: DescriptorProto | EnumDescriptorProto,
  what: "Field name" | "Enum value",
): Set<string> {
  const names = new Set<string>()
  for (const name of node.reservedName) {
    if (names.has(name)) context.errorAt(undefined, `${what} "${name}" is reserved multiple times.`)
    names.add(name)
  }
  return names
}

interface HalfOpenRange {
  readonly start: number
  readonly end: number
}

function overlap(left: HalfOpenRange, right: HalfOpenRange): boolean {
  return left.end > right.start && right.end > left.start
}

function holds(range: HalfOpenRange, number: number): boolean {
  return range.start <= number && number < range.end
}

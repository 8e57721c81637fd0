import type { DescriptorProto, EnumDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { FieldNumberHints } from "./field-number-hints.js"
import { type HalfOpenRange, holds, overlap } from "./half-open-range.js"
import type { LinkContext } from "./link-context.js"
import { checkOptionNames } from "./option-names.js"

/** Reports reserved ranges that hold no field numbers. */
export function checkReservedRanges(context: LinkContext, hints: FieldNumberHints, message: DescriptorProto): void {
  for (const range of message.reservedRange) {
    if (range.start <= 0) {
      hints.request(message, range, range.end - range.start)
      context.error(range, "number", "Reserved numbers must be positive integers.")
    }
    if (range.start >= range.end) {
      context.error(range, "number", "Reserved range end number must be greater than start number.")
    }
  }
}

/** Reports extension ranges that hold no field numbers. */
export function checkExtensionRanges(context: LinkContext, hints: FieldNumberHints, message: DescriptorProto): void {
  for (const range of message.extensionRange) {
    if (range.start <= 0) {
      hints.request(message, range, range.end - range.start)
      context.error(range, "number", "Extension numbers must be positive integers.")
    }
    if (range.start >= range.end) {
      context.error(range, "number", "Extension range end number must be greater than start number.")
    }
    checkOptionNames(context, range)
  }
}

/** Reports reserved and extension ranges that overlap, and fields that use what is reserved. */
export function checkReserved(context: LinkContext, hints: FieldNumberHints, message: DescriptorProto): void {
  const { reservedRange: reserved, extensionRange: extensions } = message
  const names = new Set(message.reservedName)
  const isClean =
    names.size === message.reservedName.length &&
    !message.field.some(({ name }) => names.has(name)) &&
    areApart([...reserved, ...extensions], message.field)
  if (!isClean) explainReserved(context, hints, message)
}

/** Whether no two of the ranges, nor a range and a field, share a number. */
function areApart(ranges: HalfOpenRange[], fields: readonly { readonly number: number }[]): boolean {
  if (ranges.length === 0) return true
  const sorted = ranges.sort((left, right) => left.start - right.start || left.end - right.end)
  let end = Number.NEGATIVE_INFINITY
  for (const range of sorted) {
    if (range.start < end || range.end <= range.start) return false
    end = range.end
  }
  return fields.every(({ number }) => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sorted[middle] as HalfOpenRange).start <= number) low = middle + 1
      else high = middle
    }
    const range = sorted[low - 1]
    return !range || !holds(range, number)
  })
}

function explainReserved(context: LinkContext, hints: FieldNumberHints, message: DescriptorProto): void {
  const { reservedRange: reserved, extensionRange: extensions } = message
  for (const [i, range] of reserved.entries()) {
    for (const other of reserved.slice(i + 1)) {
      if (!overlap(range, other)) continue
      const what = `Reserved range ${numbers(other)} overlaps with already-defined range ${numbers(range)}.`
      context.error(range, "number", what)
    }
  }
  const names = checkReservedNames(context, message, "Field name")
  for (const field of message.field) {
    for (const range of extensions) {
      if (!holds(range, field.number)) continue
      hints.request(message, range)
      const what = `Extension range ${numbers(range)} includes field "${field.name}" (${field.number}).`
      context.error(range, "number", what)
    }
    for (const range of reserved) {
      if (!holds(range, field.number)) continue
      hints.request(message, range)
      context.error(range, "number", `Field "${field.name}" uses reserved number ${field.number}.`)
    }
    if (names.has(field.name)) context.error(field, "name", `Field name "${field.name}" is reserved.`)
  }
  for (const [i, range] of extensions.entries()) {
    for (const other of reserved) {
      if (!overlap(range, other)) continue
      const what = `Extension range ${numbers(range)} overlaps with reserved range ${numbers(other)}.`
      context.error(range, "number", what)
    }
    for (const other of extensions.slice(i + 1)) {
      if (!overlap(range, other)) continue
      const what = `Extension range ${numbers(other)} overlaps with already-defined range ${numbers(range)}.`
      context.error(range, "number", what)
    }
  }
}

/** Reports reserved ranges of an enum, which include their ends, that hold no numbers. */
export function checkEnumReservedRanges(context: LinkContext, node: EnumDescriptorProto): void {
  for (const range of node.reservedRange) {
    if (range.start <= range.end) continue
    context.error(range, "number", "Reserved range end number must be greater than start number.")
  }
}

/** Reports reserved ranges of an enum that overlap, and values that use what is reserved. */
export function checkEnumReserved(context: LinkContext, node: EnumDescriptorProto): void {
  const { reservedRange: reserved } = node
  const halfOpen = reserved.map(({ start, end }) => ({ start, end: end + 1 }))
  const suspects = areApart(halfOpen, node.value) ? [] : reserved
  for (const [i, range] of suspects.entries()) {
    for (const other of suspects.slice(i + 1)) {
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
    for (const range of suspects) {
      if (value.number < range.start || value.number > range.end) continue
      context.error(range, "number", `Enum value "${value.name}" uses reserved number ${value.number}.`)
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
    if (names.has(name)) context.error(node, "name", `${what} "${name}" is reserved multiple times.`)
    names.add(name)
  }
  return names
}

/** As it was written, its end included. */
function numbers({ start, end }: HalfOpenRange): string {
  return `${start} to ${end - 1}`
}

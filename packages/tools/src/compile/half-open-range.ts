import type { DescriptorProto, DescriptorProto_ExtensionRange } from "@bufbuild/protobuf/wkt"

/** Numbers from `start` up to, and without, `end`: what the ranges of a message's field numbers are. */
export interface HalfOpenRange {
  readonly start: number
  readonly end: number
}

export function holds(range: HalfOpenRange, number: number): boolean {
  return range.start <= number && number < range.end
}

export function overlap(left: HalfOpenRange, right: HalfOpenRange): boolean {
  return left.end > right.start && right.end > left.start
}

/** The range of numbers a message has for an extension of this number. */
export function extensionRangeOf(message: DescriptorProto, number: number): DescriptorProto_ExtensionRange | undefined {
  return message.extensionRange.find((range) => holds(range, number))
}

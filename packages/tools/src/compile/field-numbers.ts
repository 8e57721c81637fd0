import type { DescriptorProto, FieldDescriptorProto } from "@bufbuild/protobuf/wkt"
import { MAX_FIELD_NUMBER } from "./language-limits.js"

/** A field or an extension that has a number. */
interface NumberedField {
  readonly name: string
  readonly fullName: string
}

/**
 * Which numbers of which messages the declarations of one file have, fields and extensions alike, as protoc keeps them in
 * its FileDescriptorTables.
 */
export class FieldNumbers {
  private readonly taken = new Map<DescriptorProto, Map<number, NumberedField>>()
  private readonly sequences = new Map<DescriptorProto, number>()

  /** Gives a field or an extension its number in a message. Returns the one that has the number already, if there is one. */
  take(
    { node, name }: { readonly node: DescriptorProto; readonly name: string },
    field: FieldDescriptorProto,
    fullName: string,
  ): NumberedField | undefined {
    const { number } = field
    if (number >= 1 && number <= this.sequenceOf(node)) {
      const holder = node.field[number - 1] as FieldDescriptorProto
      return holder === field ? undefined : { name: holder.name, fullName: `${name}.${holder.name}` }
    }
    let numbers = this.taken.get(node)
    if (!numbers) this.taken.set(node, (numbers = new Map()))
    const holder = numbers.get(number)
    if (!holder) numbers.set(number, { name: field.name, fullName })
    return holder
  }

  /**
   * How many fields at the beginning of a message are numbered 1, 2, 3 …: like protoc, they have their numbers even when
   * their types are not known; a later field without a known type has none.
   */
  private sequenceOf(node: DescriptorProto): number {
    let length = this.sequences.get(node)
    if (length === undefined) {
      length = 0
      while (length < node.field.length && node.field[length]?.number === length + 1) length++
      this.sequences.set(node, length)
    }
    return length
  }
}

/**
 * The number that protoc proposes for one that is taken: what comes after the numbers in use, as far as these follow upon one
 * another. Of ranges that overlap it heeds but the first.
 */
export function proposeNumber(message: DescriptorProto): string {
  const used: [start: number, last: number][] = [
    ...message.field.map(({ number }): [number, number] => [number, number]),
    ...[...message.extensionRange, ...message.reservedRange].map(({ start, end }): [number, number] => [
      start,
      end - 1,
    ]),
  ]
  used.sort((left, right) => left[0] - right[0] || left[1] - right[1])
  let proposed = 1
  for (const [i, [start, last]] of used.entries()) {
    const before = used[i - 1]
    if (before && before[0] === start && before[1] === last) continue
    if (proposed < start || proposed > last) break
    proposed = last + 1
  }
  return proposed <= MAX_FIELD_NUMBER
    ? `Next available field number is ${proposed}.`
    : "There are no available field numbers."
}

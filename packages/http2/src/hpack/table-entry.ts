import { type FieldKind, fieldKind } from "./field-kind.js"

/** RFC 7541 §4.1: what an entry counts beyond its name and value. */
export const entryOverhead = 32

/** One entry of the static table or of a decoder's dynamic table. */
export class TableEntry {
  readonly name: string
  readonly value: string
  readonly kind: FieldKind
  /** RFC 7541 §4.1: the lengths of name and value, plus 32. */
  readonly size: number

  constructor(name: string, value: string, kind: FieldKind = fieldKind(name)) {
    this.name = name
    this.value = value
    this.kind = kind
    this.size = name.length + value.length + entryOverhead
  }
}

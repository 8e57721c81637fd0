import { type FieldKind, fieldKind } from "./field-kind.js"
import { fieldFault } from "./field-rules.js"

/** RFC 7541 §4.1: what an entry counts beyond its name and value. */
export const entryOverhead = 32

/** One entry of the static table or of a decoder's dynamic table. */
export class TableEntry {
  readonly name: string
  readonly value: string
  readonly kind: FieldKind
  /** RFC 7541 §4.1: the lengths of name and value, plus 32. */
  readonly size: number
  /** What makes it malformed as a field (RFC 9113 §8.2): none of HPACK's business, but here it is asked only once. */
  readonly fault: string | undefined

  constructor(name: string, value: string, kind: FieldKind = fieldKind(name)) {
    this.name = name
    this.value = value
    this.kind = kind
    this.size = name.length + value.length + entryOverhead
    this.fault = fieldFault(kind, name, value)
  }
}

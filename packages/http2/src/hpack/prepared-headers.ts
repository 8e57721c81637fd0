import type { HeaderFields } from "./header-block.js"
import { assertByteString } from "./latin1.js"

/** RFC 7541 §5.1: with lengths and indexes below 2^28, no field needs more than three integers of five bytes. */
const fieldOverhead = 15

/**
 * A header list that is sent again and again: a method's request headers, response headers, the trailers of a success.
 * Immutable and good for every connection of the process. Each connection keeps the bytes that this list has become
 * for as long as its HPACK table stays the same.
 */
export class PreparedHeaders {
  /** Flat: name, value, name, value … */
  readonly fields: HeaderFields
  /** Names to be sent as never-indexed literals, besides those that always are. */
  readonly sensitive: ReadonlySet<string>
  /** No encoding of the list, in any state of the table, is longer (bytes). */
  readonly maxLength: number

  /** Throws TypeError when the list is not flat pairs of byte strings. */
  constructor(fields: HeaderFields, options: { readonly sensitive?: readonly string[] } = {}) {
    if (fields.length % 2 !== 0) throw new TypeError(`header fields are name, value, …: got ${fields.length} strings`)
    for (let i = 0; i < fields.length; i++) assertByteString(fields[i])
    this.fields = Object.freeze(fields.slice())
    this.sensitive = new Set(options.sensitive)
    this.maxLength = maxFieldsLength(fields)
  }
}

/** An upper bound of the encoded size of `fields` (bytes). */
export function maxFieldsLength(fields: HeaderFields): number {
  let length = 0
  for (let i = 0; i < fields.length; i++) length += fields[i].length
  return length + (fields.length >> 1) * fieldOverhead
}

import { isSensitiveName } from "./field-policy.js"

/**
 * A header list, flat: name, value, name, value … Names are lower-case, pseudo-headers come first.
 * Values are byte strings: every char code is one byte (0 to 255).
 */
export type HeaderFields = readonly string[]

/**
 * A received header list. Immutable once the decoder has handed it out: equal blocks of a connection may be one and the
 * same object, on as many streams as carry them.
 */
export class HeaderBlock {
  /**
   * The regular fields in the order they came, flat; the pseudo-headers are not among them. A cookie that came in several
   * fields is one, at the place of the first (RFC 9113 §8.2.3).
   */
  readonly fields: HeaderFields = []
  readonly method: string | undefined = undefined
  readonly path: string | undefined = undefined
  readonly scheme: string | undefined = undefined
  readonly authority: string | undefined = undefined
  readonly status: string | undefined = undefined
  /** `:protocol` of an extended CONNECT (RFC 8441 §4). */
  readonly protocol: string | undefined = undefined
  /** The list was above the decoder's limits: it was decoded to keep the tables in step, and nothing of it was stored but a `content-type`. */
  readonly oversize: boolean = false
  /** The size of the whole list as RFC 9113 §6.5.2 counts it: names, values, and 32 bytes for each field. */
  readonly listSize: number = 0
  /** What is wrong with the pseudo-headers as a list (RFC 9113 §8.3): one twice, one unknown, one after a regular field. */
  readonly pseudoFault: string | undefined = undefined
  /** What is wrong with one of the fields by itself, pseudo-headers included (RFC 9113 §8.2). */
  readonly fieldFault: string | undefined = undefined
  /** Names of the fields that came as never-indexed literals (RFC 7541 §6.2.3), or undefined when there was none. */
  readonly neverIndexed: readonly string[] | undefined = undefined
  /** Where the layer above leaves what it found from this block, such as a resolved route. */
  slot: unknown = undefined
  /** Where the connection leaves which of its header rules this block has passed, so that a shared block is checked once. */
  checks = 0

  /** The first value of a regular field, or undefined. */
  get(name: string): string | undefined {
    const { fields } = this
    for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1]
    return undefined
  }

  /**
   * True when the field must be kept out of logs and caches, and be sent on as a never-indexed literal: it came as one,
   * or its name alone says so (`authorization`, cookies).
   */
  isSensitive(name: string): boolean {
    return isSensitiveName(name) || (this.neverIndexed?.includes(name) ?? false)
  }
}

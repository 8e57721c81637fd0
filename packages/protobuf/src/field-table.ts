/** What a message's errors need to know of its type; codecs have it. */
export interface Described {
  readonly typeName: string
  /** Made only when there is an error to explain. */
  readonly fields?: (() => readonly FieldEntry[]) | undefined
}

/** A field: its number, its name, and what stands behind its tag. */
export type FieldEntry =
  | readonly [number: number, name: string, content: FieldContent]
  | readonly [number: number, name: string, content: Described, delimited: "group"]
  | readonly [number: number, name: string, content: "map", key: ScalarContent, value: ScalarContent | Described]

/** How a scalar is written; "string" is one whose UTF-8 is checked, "bytes" one whose UTF-8 is not as well. */
export type ScalarContent = "varint" | "fixed32" | "fixed64" | "string" | "bytes"

/** A scalar, repeated scalars that may be packed, or a message behind its length. */
export type FieldContent = ScalarContent | "varints" | "fixed32s" | "fixed64s" | Described

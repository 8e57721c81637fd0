import { type DescExtension, type DescField, ScalarType } from "@bufbuild/protobuf"

/** What the generators of encoders and decoders know about a scalar type. */
interface ScalarTraits {
  /** `Int32` in writeInt32, readInt32 and writePackedInt32. */
  readonly name: string
  readonly wireType: 0 | 1 | 2 | 5
  /**
   * How it is read. "varint": in place, in the common case; "fixed": from a position, its size being known; "call": by
   * a function that leaves the position in the reader.
   */
  readonly read: "varint" | "fixed" | "call"
  /** The zero value as TypeScript. */
  readonly zero: string
  /** The TypeScript type of a value. */
  readonly type: "number" | "bigint" | "boolean" | "string" | "Uint8Array"
}

export const LENGTH_DELIMITED = 2
export const START_GROUP = 3
export const END_GROUP = 4

export const scalars: Readonly<Record<ScalarType, ScalarTraits>> = {
  [ScalarType.INT32]: { name: "Int32", wireType: 0, read: "varint", zero: "0", type: "number" },
  [ScalarType.UINT32]: { name: "Uint32", wireType: 0, read: "varint", zero: "0", type: "number" },
  [ScalarType.SINT32]: { name: "Sint32", wireType: 0, read: "varint", zero: "0", type: "number" },
  [ScalarType.BOOL]: { name: "Bool", wireType: 0, read: "varint", zero: "false", type: "boolean" },
  [ScalarType.INT64]: { name: "Int64", wireType: 0, read: "call", zero: "0n", type: "bigint" },
  [ScalarType.UINT64]: { name: "Uint64", wireType: 0, read: "call", zero: "0n", type: "bigint" },
  [ScalarType.SINT64]: { name: "Sint64", wireType: 0, read: "call", zero: "0n", type: "bigint" },
  [ScalarType.FIXED32]: { name: "Fixed32", wireType: 5, read: "fixed", zero: "0", type: "number" },
  [ScalarType.SFIXED32]: { name: "Sfixed32", wireType: 5, read: "fixed", zero: "0", type: "number" },
  [ScalarType.FIXED64]: { name: "Fixed64", wireType: 1, read: "fixed", zero: "0n", type: "bigint" },
  [ScalarType.SFIXED64]: { name: "Sfixed64", wireType: 1, read: "fixed", zero: "0n", type: "bigint" },
  [ScalarType.FLOAT]: { name: "Float", wireType: 5, read: "fixed", zero: "0", type: "number" },
  [ScalarType.DOUBLE]: { name: "Double", wireType: 1, read: "fixed", zero: "0", type: "number" },
  [ScalarType.STRING]: { name: "String", wireType: 2, read: "call", zero: '""', type: "string" },
  [ScalarType.BYTES]: { name: "Bytes", wireType: 2, read: "call", zero: "NO_BYTES", type: "Uint8Array" },
}

/** The scalar type of a field's (or list's, or map's) values; enums are written as int32. */
export function scalarOf(field: DescField | DescExtension): ScalarType {
  return field.scalar ?? ScalarType.INT32
}

function tagOf(number: number, wireType: number): number {
  return ((number << 3) | wireType) >>> 0
}

/** A tag as it stands in generated code. */
export function tagText(number: number, wireType: number): string {
  return `0x${tagOf(number, wireType).toString(16).padStart(2, "0")}`
}

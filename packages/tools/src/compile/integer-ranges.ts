import { FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"

/** What an integer type can hold, and what protoc calls it. */
export interface IntegerRange {
  readonly keyword: "int32" | "uint32" | "int64" | "uint64"
  readonly min: bigint
  readonly max: bigint
}

export const MAX_INT32 = 0x7fffffff
export const MAX_UINT64: bigint = 2n ** 64n - 1n

/** The smallest and the largest value of each enum. */
export const INT32: IntegerRange = { keyword: "int32", min: -(2n ** 31n), max: BigInt(MAX_INT32) }
const UINT32: IntegerRange = { keyword: "uint32", min: 0n, max: 2n ** 32n - 1n }
const INT64: IntegerRange = { keyword: "int64", min: -(2n ** 63n), max: 2n ** 63n - 1n }
const UINT64: IntegerRange = { keyword: "uint64", min: 0n, max: MAX_UINT64 }

/** Those of the types of fields that are integers. */
export const INTEGER_RANGES: ReadonlyMap<Type, IntegerRange> = new Map([
  [Type.INT32, INT32],
  [Type.SINT32, INT32],
  [Type.SFIXED32, INT32],
  [Type.UINT32, UINT32],
  [Type.FIXED32, UINT32],
  [Type.INT64, INT64],
  [Type.SINT64, INT64],
  [Type.SFIXED64, INT64],
  [Type.UINT64, UINT64],
  [Type.FIXED64, UINT64],
])

import { type DescEnum, ScalarType } from "@bufbuild/protobuf"
import * as fc from "fast-check"
import { character } from "./character.js"

/**
 * What a scalar field can hold.
 * @param longAsString its 64-bit integers are strings (`jstype = JS_STRING`)
 */
export function scalarValue(scalar: ScalarType, longAsString: boolean): fc.Arbitrary<unknown> {
  switch (scalar) {
    case ScalarType.STRING:
      return text
    case ScalarType.BYTES:
      return bytes
    case ScalarType.BOOL:
      return fc.boolean()
    case ScalarType.DOUBLE:
      return fc.double()
    case ScalarType.FLOAT:
      return fc.float()
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return int32
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return uint32
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return longAsString ? int64.map(String) : int64
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return longAsString ? uint64.map(String) : uint64
  }
}

/** What an enum field can hold: of an open enum, numbers too that it does not declare. */
export function enumValue({ values, open, typeName }: DescEnum): fc.Arbitrary<number> {
  const declared = fc.constantFrom(...values.map(({ number }) => number))
  // JSON has `null` for it, whatever its number.
  if (typeName === "google.protobuf.NullValue") return declared
  return open ? fc.oneof({ arbitrary: declared, weight: 4 }, { arbitrary: int32, weight: 1 }) : declared
}

/** Keys of a map, as the properties that they are. */
export function mapKey(scalar: ScalarType): fc.Arbitrary<string> {
  return scalarValue(scalar, false).map(String)
}

const int32: fc.Arbitrary<number> = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const uint32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const int64: fc.Arbitrary<bigint> = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const uint64: fc.Arbitrary<bigint> = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const bytes: fc.Arbitrary<Uint8Array> = fc.uint8Array()

/** Texts of well-formed Unicode: halves of surrogate pairs have no UTF-8. */
const text: fc.Arbitrary<string> = fc.oneof(fc.string(), fc.string({ unit: character }))

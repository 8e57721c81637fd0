import fc from "fast-check"

/** A scalar type of the wire format, with values that show whether it is written and read as it must be. */
export interface ScalarKind {
  /** As in .proto files, and in the names of BinaryWriter's methods. */
  readonly name: ScalarName
  readonly values: fc.Arbitrary<unknown>
  /** What is none of its values, and what an encoder says of that. */
  readonly wrong: unknown
  readonly refusal: string
}

export type ScalarName = "bool" | "double" | "float" | `${"" | "s" | "u"}int${32 | 64}` | `${"" | "s"}fixed${32 | 64}`

/** Around each power of two there is a varint of one more byte, or a value that no longer fits. */
const near = (min: bigint, max: bigint): fc.Arbitrary<bigint> =>
  fc
    .tuple(fc.nat(64), fc.constantFrom(-1n, 0n, 1n), fc.boolean())
    .map(([bits, step, negative]) => (negative ? -1n : 1n) * ((1n << BigInt(bits)) + step))
    .filter((value) => value >= min && value <= max)

const int32 = near(-(2n ** 31n), 2n ** 31n - 1n).map(Number)
const uint32 = near(0n, 2n ** 32n - 1n).map(Number)
const int64 = near(-(2n ** 63n), 2n ** 63n - 1n)
const uint64 = near(0n, 2n ** 64n - 1n)

export const scalarKinds: readonly ScalarKind[] = [
  { name: "int32", values: int32, wrong: 2 ** 31, refusal: "2147483648 is not an int32" },
  { name: "uint32", values: uint32, wrong: -1, refusal: "-1 is not a uint32" },
  { name: "sint32", values: int32, wrong: 0.5, refusal: "0.5 is not an int32" },
  { name: "bool", values: fc.boolean(), wrong: 1, refusal: "1 is not a bool" },
  { name: "int64", values: int64, wrong: 2n ** 63n, refusal: "9223372036854775808n is not an int64" },
  { name: "uint64", values: uint64, wrong: -1n, refusal: "-1n is not a uint64" },
  { name: "sint64", values: int64, wrong: null, refusal: "null is not an int64" },
  { name: "fixed32", values: uint32, wrong: -1, refusal: "-1 is not a uint32" },
  { name: "sfixed32", values: int32, wrong: 2 ** 31, refusal: "2147483648 is not an int32" },
  { name: "fixed64", values: uint64, wrong: {}, refusal: "an object is not a uint64" },
  { name: "sfixed64", values: int64, wrong: 2n ** 63n, refusal: "9223372036854775808n is not an int64" },
  { name: "float", values: fc.float(), wrong: "1", refusal: '"1" is not a float' },
  { name: "double", values: fc.double(), wrong: "1", refusal: '"1" is not a double' },
]

/** The function of `wire` that does something with a scalar: `functionOf(wire, "writePacked", "sint32")`. */
export function functionOf<Found>(wire: object, does: string, name: ScalarName): Found {
  return (wire as Record<string, Found>)[does + name.charAt(0).toUpperCase() + name.slice(1)]!
}

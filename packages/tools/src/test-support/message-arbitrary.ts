import { type DescField, type DescMessage, type DescOneof, ScalarType } from "@bufbuild/protobuf"
import { isWrapperDesc } from "@bufbuild/protobuf/wkt"
import fc from "fast-check"
import { anyCharacter } from "../../../protobuf/dist/test-support/any-character.js"

/** Plain initialisers of a message, with all that its fields can hold and much that lies at the edge of it. */
export function initialiserOf(message: DescMessage, depth = 3): fc.Arbitrary<Record<string, unknown>> {
  const members: Record<string, fc.Arbitrary<unknown>> = {}
  for (const member of message.members) members[member.localName] = memberValue(member, depth)
  // Everything may be left out: an initialiser need not have any of its fields.
  return fc.record(members, { requiredKeys: requiredOf(message), noNullPrototype: true })
}

function requiredOf(message: DescMessage): string[] {
  const LEGACY_REQUIRED = 3
  return message.fields.filter((field) => field.presence === LEGACY_REQUIRED).map((field) => field.localName)
}

function memberValue(member: DescField | DescOneof, depth: number): fc.Arbitrary<unknown> {
  if (member.kind === "oneof") {
    const cases = member.fields
      .filter((field) => depth > 0 || field.message === undefined)
      .map((field) => fieldValue(field, depth).map((value) => ({ case: field.localName, value })))
    return fc.oneof(fc.constant({ case: undefined }), ...cases)
  }
  switch (member.fieldKind) {
    case "list":
      return depth === 0 && member.message !== undefined
        ? fc.constant([])
        : fc.array(fieldValue(member, depth), { maxLength: member.message === undefined ? 30 : 3, size: "max" })
    case "map":
      return depth === 0 && member.message !== undefined
        ? fc.constant({})
        : fc.array(fc.tuple(mapKey(member.mapKey), fieldValue(member, depth)), { maxLength: 4 }).map(objectOf)
    case "message":
      return depth === 0 ? fc.constant(undefined) : fieldValue(member, depth)
    default:
      return fieldValue(member, depth)
  }
}

function objectOf(entries: [string, unknown][]): Record<string, unknown> {
  // fromEntries defines properties, so that a key `__proto__` is an entry like any other.
  return Object.fromEntries(entries)
}

function fieldValue(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.enum !== undefined) {
    const declared = fc.constantFrom(...field.enum.values.map(({ number }) => number))
    return field.enum.open ? fc.oneof(declared, int32) : declared
  }
  const { message } = field
  if (message === undefined) return scalarValue(field.scalar!, "longAsString" in field && field.longAsString)
  if (field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(message)) {
    return scalarValue(message.fields[0]!.scalar!, false)
  }
  if (message.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value") return json
  return initialiserOf(message, depth - 1)
}

/** Integers of every size, as varints know sizes: uniform ones would all be long. */
function integer(bits: number, signed: boolean): fc.Arbitrary<bigint> {
  const least = signed ? -(2n ** BigInt(bits - 1)) : 0n
  const most = signed ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n
  const sized = fc
    .tuple(fc.integer({ min: 0, max: bits }), fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }), fc.boolean())
    .map(([size, value, negative]) => {
      const magnitude = BigInt.asUintN(size, value)
      return signed ? BigInt.asIntN(bits, negative ? -magnitude : magnitude) : magnitude
    })
  return fc.oneof(sized, fc.constantFrom(0n, least, most, most - 1n))
}

const int32 = integer(32, true).map(Number)
const uint32 = integer(32, false).map(Number)
const float = fc.oneof(fc.float(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 3.4028234663852886e38))
const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324))

/** Texts on both sides of every length at which the codec changes its way, of one to four bytes a character. */
const text = fc.oneof(
  fc.string({ unit: "grapheme-ascii" }),
  fc.string({ unit: anyCharacter }),
  fc
    .tuple(
      fc.constantFrom("a", "é", "語", "😀", "\ufeff", "\ufffd", "\0"),
      fc.constantFrom(0, 1, 23, 24, 25, 42, 43, 127, 128, 1024, 1025, 6000),
    )
    .map(([character, length]) => character.repeat(length)),
  fc
    .tuple(fc.string({ unit: "grapheme-ascii", maxLength: 30 }), fc.string({ unit: anyCharacter, maxLength: 20 }))
    .map((parts) => parts.join("")),
)

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(32, 33, 64, 65, 1000).map((length) => new Uint8Array(length).fill(length)),
)

function scalarValue(scalar: ScalarType, longAsString: boolean): fc.Arbitrary<unknown> {
  switch (scalar) {
    case ScalarType.STRING:
      return text
    case ScalarType.BYTES:
      return bytes
    case ScalarType.BOOL:
      return fc.boolean()
    case ScalarType.DOUBLE:
      return double
    case ScalarType.FLOAT:
      return float
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return int32
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return uint32
    default: {
      const signed = scalar === ScalarType.INT64 || scalar === ScalarType.SINT64 || scalar === ScalarType.SFIXED64
      return integer(64, signed).map((value) => (longAsString ? String(value) : value))
    }
  }
}

function mapKey(scalar: ScalarType): fc.Arbitrary<string> {
  if (scalar !== ScalarType.STRING) return scalarValue(scalar, false).map(String)
  return fc.oneof(text, fc.constantFrom("__proto__", "constructor", "toString", "0", "-1", "1.5", "", "hasOwnProperty"))
}

const json = fc
  .dictionary(fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "1")), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 4,
  })
  .map((object) => Object.fromEntries(Object.entries(object)))

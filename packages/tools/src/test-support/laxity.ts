import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf"
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"

/**
 * Looks for what @bufbuild/protobuf takes although it is malformed, or takes in another way than C++, Go and Java do.
 * Our codecs follow the latter there, so the two need not agree on such bytes:
 *
 * - a known field with a wire type that is not its own: they read it all the same, we keep it as an unknown field;
 * - a message, map entry or packed field whose content goes on past its end: they take it, we refuse it;
 * - an unknown varint of more than ten bytes: they pass over it, we refuse it;
 * - a value that a closed enum does not have: in a list or a map they take it, we keep it as an unknown field, an entry
 *   of a map as a whole; elsewhere they lose it when the message has another unknown field, we keep both.
 *
 * Returns what was found first, or undefined. Bytes that are malformed in any other way have no laxity.
 */
export function findLaxity(schema: DescMessage, bytes: Uint8Array): string | undefined {
  try {
    walk(fieldsOf(schema), new BinaryReader(bytes), bytes.length, 0)
    return undefined
  } catch (error) {
    if (error instanceof Laxity) return error.message
    if (error instanceof TypeError) throw error
    return undefined
  }
}

class Laxity extends Error {}

/** What a field of a message, or of a map entry, may be. */
interface Expectation {
  readonly wireTypes: readonly WireType[]
  readonly packed?: ScalarType
  readonly closedEnum?: DescEnum
  readonly content?: () => Fields
}

type Fields = ReadonlyMap<number, Expectation>

function walk(fields: Fields, reader: BinaryReader, end: number, depth: number): void {
  if (depth > 100) throw new Error("too deep for both")
  while (reader.pos < end) walkRecord(fields, reader, reader.tag(), depth)
  if (reader.pos !== end) throw new Laxity(`content goes on to ${reader.pos} where it should end at ${end}`)
}

/** What stands between the tags of a group whose start tag was read. */
function walkGroup(fields: Fields, reader: BinaryReader, group: number, depth: number): void {
  if (depth > 100) throw new Error("too deep for both")
  for (;;) {
    const tag = reader.tag()
    if (tag[1] !== WireType.EndGroup) walkRecord(fields, reader, tag, depth)
    else if (tag[0] === group) return
    else throw new Error("a group ends that was not begun, for both")
  }
}

function walkRecord(fields: Fields, reader: BinaryReader, [number, wireType]: [number, WireType], depth: number): void {
  const field = fields.get(number)
  if (field === undefined) {
    const data = reader.skip(wireType, number)
    if (wireType === WireType.Varint && data.length > 10) throw new Laxity(`an unknown varint of ${data.length} bytes`)
    if (wireType === WireType.StartGroup) findLongVarint(data)
    return
  }
  if (!field.wireTypes.includes(wireType)) throw new Laxity(`field ${number} has wire type ${wireType}`)
  if (wireType === WireType.StartGroup) walkGroup(field.content!(), reader, number, depth + 1)
  else walkField(field, wireType, reader, depth)
}

function walkField(field: Expectation, wireType: WireType, reader: BinaryReader, depth: number): void {
  if (wireType === WireType.Varint && field.closedEnum !== undefined) {
    checkClosed(field.closedEnum, reader.int32())
    return
  }
  if (wireType !== WireType.LengthDelimited) {
    reader.skip(wireType)
    return
  }
  const length = reader.uint32()
  const end = reader.pos + length
  if (field.content !== undefined) walk(field.content(), reader, end, depth + 1)
  else if (field.packed !== undefined) {
    while (reader.pos < end) {
      if (field.closedEnum === undefined) reader.skip(wireTypeOf(field.packed))
      else checkClosed(field.closedEnum, reader.int32())
    }
    if (reader.pos !== end) throw new Laxity("a packed field goes on past its end")
  } else {
    reader.pos = end
  }
  if (reader.pos > reader.len) throw new Error("truncated for both")
}

function checkClosed(closed: DescEnum, value: number): void {
  if (!closed.values.some(({ number }) => number === value)) throw new Laxity("a closed enum does not have it")
}

/** Inside a group that is passed over. */
function findLongVarint(group: Uint8Array): void {
  let continued = 0
  for (const byte of group) {
    continued = byte > 0x7f ? continued + 1 : 0
    if (continued >= 10) throw new Laxity("a long varint, perhaps, in an unknown group")
  }
}

function fieldsOf(message: DescMessage): ReadonlyMap<number, Expectation> {
  let fields = known.get(message)
  if (fields === undefined) {
    fields = new Map(message.fields.map((field) => [field.number, expect(field)]))
    known.set(message, fields)
  }
  return fields
}

const known: WeakMap<DescMessage, ReadonlyMap<number, Expectation>> = new WeakMap()

function expect(field: DescField): Expectation {
  if (field.fieldKind === "map") {
    const key = { wireTypes: [wireTypeOf(field.mapKey)] }
    const entry = new Map<number, Expectation>([
      [1, key],
      [2, single(field)],
    ])
    return { wireTypes: [WireType.LengthDelimited], content: () => entry }
  }
  if (field.fieldKind !== "list" || field.message !== undefined) return single(field)
  const scalar = field.scalar ?? ScalarType.INT32
  const wireType = wireTypeOf(scalar)
  if (wireType === WireType.LengthDelimited) return { wireTypes: [wireType] }
  const { closedEnum } = single(field)
  return { wireTypes: [wireType, WireType.LengthDelimited], packed: scalar, ...(closedEnum && { closedEnum }) }
}

function single(field: DescField): Expectation {
  const { message } = field
  if (field.enum !== undefined && !field.enum.open) return { wireTypes: [WireType.Varint], closedEnum: field.enum }
  if (message === undefined) return { wireTypes: [wireTypeOf(field.scalar ?? ScalarType.INT32)] }
  const delimited = "delimitedEncoding" in field && field.delimitedEncoding
  return {
    wireTypes: [delimited ? WireType.StartGroup : WireType.LengthDelimited],
    content: () => fieldsOf(message),
  }
}

function wireTypeOf(scalar: ScalarType): WireType {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32
    default:
      return WireType.Varint
  }
}

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import {
  type FieldDescriptorProto,
  FieldOptions_OptionRetention,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { byteStringToBytes } from "./byte-string.js"
import { DynamicMessage, type DynamicValue } from "./dynamic-message.js"
import { hasPresence, isDelimited, isPacked, isRepeated, LONG_TYPES } from "./field-features.js"

/** The bytes of a message as C++ writes it; for a descriptor, without fields that are for readers of the source. */
export function toBinary(message: DynamicMessage, { forDescriptor = false }: WriteOptions = {}): Uint8Array {
  const writer = new BinaryWriter()
  const { node } = message.type
  const isMapEntry = node.options?.mapEntry === true
  const isMessageSet = node.options?.messageSetWireFormat === true
  if (isMapEntry) completeMapEntry(message)
  for (const { field, values } of message.sortedEntries()) {
    const { proto, file } = field
    if (forDescriptor && isForSourceOnly(proto)) continue
    if (isRepeated(proto) && isPacked(proto, file)) {
      const { write } = scalarOf(proto.type)
      writer.tag(proto.number, WireType.LengthDelimited).fork()
      for (const value of values) write(writer, value)
      writer.join()
      continue
    }
    const omitsZero = !isMapEntry && !isRepeated(proto) && !hasPresence(proto, file)
    for (const value of values) {
      if (omitsZero && isZero(value)) continue
      if (!(value instanceof DynamicMessage)) {
        const { wireType, write } = scalarOf(proto.type)
        writer.tag(proto.number, wireType)
        write(writer, value)
      } else if (isMessageSet && proto.extendee !== "") {
        writeMessageSetItem(writer, proto.number, toBinary(value, { forDescriptor }))
      } else if (isDelimited(proto, file) && !isMapEntry && value.type.node.options?.mapEntry !== true) {
        writer.tag(proto.number, WireType.StartGroup)
        writer.raw(toBinary(value, { forDescriptor }))
        writer.tag(proto.number, WireType.EndGroup)
      } else {
        writer.tag(proto.number, WireType.LengthDelimited).bytes(toBinary(value, { forDescriptor }))
      }
    }
  }
  return writer.finish()
}

interface WriteOptions {
  readonly forDescriptor?: boolean
}

/** Whether a field of an option is for readers of the source, and left out of descriptors (`retention`). */
export function isForSourceOnly({ options }: FieldDescriptorProto): boolean {
  return options?.retention === FieldOptions_OptionRetention.RETENTION_SOURCE
}

/** An entry of a map is written with its key and its value, whatever they are. */
function completeMapEntry(entry: DynamicMessage): void {
  const { node, name, file } = entry.type
  for (const proto of node.field) {
    const field = { proto, name: `${name}.${proto.name}`, file }
    if (!entry.has(field)) entry.add(field, zeroOf(proto.type))
  }
}

/** One extension of a message set: `repeated group Item = 1 { required int32 type_id = 2; required bytes message = 3; }`. */
function writeMessageSetItem(writer: BinaryWriter, typeId: number, message: Uint8Array): void {
  writer.tag(1, WireType.StartGroup)
  writer.tag(2, WireType.Varint).uint32(typeId)
  writer.tag(3, WireType.LengthDelimited).bytes(message)
  writer.tag(1, WireType.EndGroup)
}

/** How the values of a type are written. */
interface Scalar {
  readonly wireType: WireType
  readonly write: (writer: BinaryWriter, value: DynamicValue) => void
}

function scalarOf(type: Type): Scalar {
  const scalar = SCALARS.get(type)
  if (!scalar) throw new TypeError("a group is no scalar")
  return scalar
}

const { Varint, Bit32, Bit64, LengthDelimited } = WireType

const BYTES: Scalar = {
  wireType: LengthDelimited,
  write: (writer, value) => writer.bytes(byteStringToBytes(value as string)),
}

const INT32: Scalar = { wireType: Varint, write: (writer, value) => writer.int32(Number(value)) }

const SCALARS: ReadonlyMap<Type, Scalar> = new Map<Type, Scalar>([
  [Type.DOUBLE, { wireType: Bit64, write: (writer, value) => writer.double(value as number) }],
  // What is too large for 32 bits is infinite, as in C++.
  [Type.FLOAT, { wireType: Bit32, write: (writer, value) => writer.float(Math.fround(value as number)) }],
  [Type.BOOL, { wireType: Varint, write: (writer, value) => writer.bool(value as boolean) }],
  [Type.STRING, BYTES],
  [Type.BYTES, BYTES],
  // The empty message that an entry of a map stands without.
  [Type.MESSAGE, BYTES],
  [Type.ENUM, INT32],
  [Type.INT32, INT32],
  [Type.SINT32, { wireType: Varint, write: (writer, value) => writer.sint32(Number(value)) }],
  [Type.UINT32, { wireType: Varint, write: (writer, value) => writer.uint32(Number(value)) }],
  [Type.FIXED32, { wireType: Bit32, write: (writer, value) => writer.fixed32(Number(value)) }],
  [Type.SFIXED32, { wireType: Bit32, write: (writer, value) => writer.sfixed32(Number(value)) }],
  [Type.INT64, { wireType: Varint, write: (writer, value) => writer.int64(value as bigint) }],
  [Type.SINT64, { wireType: Varint, write: (writer, value) => writer.sint64(value as bigint) }],
  [Type.UINT64, { wireType: Varint, write: (writer, value) => writer.uint64(value as bigint) }],
  [Type.FIXED64, { wireType: Bit64, write: (writer, value) => writer.fixed64(value as bigint) }],
  [Type.SFIXED64, { wireType: Bit64, write: (writer, value) => writer.sfixed64(value as bigint) }],
])

/** What a field of this type is when it is not set; an empty string stands for an empty message too, whose bytes it has. */
function zeroOf(type: Type): DynamicValue {
  if (type === Type.BOOL) return false
  if (SCALARS.get(type) === BYTES) return ""
  return LONG_TYPES.has(type) ? 0n : 0
}

function isZero(value: DynamicValue): boolean {
  // Minus zero has a bit set.
  return value === "" || value === false || value === 0n || Object.is(value, 0)
}

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import {
  Edition,
  type EnumDescriptorProto,
  FeatureSet_RepeatedFieldEncoding,
  type FieldDescriptorProto,
  FieldOptions_OptionRetention,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { byteStringToBytes } from "./byte-string.js"
import type { MessageSymbol, SourceFile } from "./symbols.js"

/** Strings and bytes are byte strings; 64-bit integers are bigint. */
export type DynamicValue = number | bigint | boolean | string | DynamicMessage

/** A field of a message, or an extension of one, with the file that defines it. */
export interface DynamicField {
  readonly proto: FieldDescriptorProto
  /** Fully qualified. */
  readonly name: string
  readonly file: SourceFile
}

/** The values of one field that is set. */
export interface Entry {
  readonly field: DynamicField
  readonly values: DynamicValue[]
}

/** A message whose type is known only from its descriptor: what an option holds while it is put together. */
export class DynamicMessage {
  readonly type: MessageSymbol
  private readonly entries = new Map<number, Entry>()

  constructor(type: MessageSymbol) {
    this.type = type
  }

  has(field: DynamicField): boolean {
    return this.entries.has(field.proto.number)
  }

  count(field: DynamicField): number {
    return this.entries.get(field.proto.number)?.values.length ?? 0
  }

  /** Sets a singular field or appends to a repeated one. */
  add(field: DynamicField, value: DynamicValue): void {
    const entry = this.entries.get(field.proto.number)
    if (!entry) this.entries.set(field.proto.number, { field, values: [value] })
    else if (isRepeated(field.proto)) entry.values.push(value)
    else entry.values[0] = value
  }

  /** The message in a singular message field, made when there is none. */
  child(field: DynamicField, type: MessageSymbol): DynamicMessage {
    const existing = this.entries.get(field.proto.number)?.values[0]
    if (existing instanceof DynamicMessage) return existing
    const made = new DynamicMessage(type)
    this.add(field, made)
    return made
  }

  /** A field of this oneof that is set. */
  memberOf(oneofIndex: number): DynamicField | undefined {
    for (const { field } of this.entries.values()) {
      if (field.proto.extendee === "" && oneofIndexOf(field.proto) === oneofIndex) return field
    }
    return undefined
  }

  toBinary(): Uint8Array {
    const writer = new BinaryWriter()
    this.write(writer)
    return writer.finish()
  }

  /** An entry of a map is written with its key and its value, whatever they are. */
  private completeMapEntry(): void {
    for (const proto of this.type.node.field) {
      const field = { proto, name: `${this.type.name}.${proto.name}`, file: this.type.file }
      if (!this.has(field)) this.add(field, zeroOf(proto.type))
    }
  }

  /** By ascending number, extensions among the fields: C++'s order. */
  sortedEntries(): Entry[] {
    return [...this.entries.values()].sort((left, right) => left.field.proto.number - right.field.proto.number)
  }

  private write(writer: BinaryWriter): void {
    const isMapEntry = this.type.node.options?.mapEntry === true
    if (isMapEntry) this.completeMapEntry()
    for (const { field, values } of this.sortedEntries()) {
      if (isForSourceOnly(field)) continue
      if (isRepeated(field.proto) && isPacked(field)) {
        writer.tag(field.proto.number, WireType.LengthDelimited).fork()
        for (const value of values) writeScalar(writer, field.proto.type, value)
        writer.join()
        continue
      }
      const omitsZero = !isMapEntry && !hasPresence(field)
      for (const value of values) if (!(omitsZero && isZero(value))) writeField(writer, field.proto, value)
    }
  }
}

/** Whether a field of an option is for readers of the source, and left out of descriptors (`retention`). */
export function isForSourceOnly({ proto }: DynamicField): boolean {
  return proto.options?.retention === FieldOptions_OptionRetention.RETENTION_SOURCE
}

export function isRepeated(field: FieldDescriptorProto): boolean {
  return field.label === Label.REPEATED
}

/** The index of the oneof a field is in; undefined when it is in none. */
export function oneofIndexOf(field: FieldDescriptorProto): number | undefined {
  return Object.hasOwn(field, "oneofIndex") ? field.oneofIndex : undefined
}

export function findEnumValue(node: EnumDescriptorProto, name: string): number | undefined {
  return node.value.find((value) => value.name === name)?.number
}

function writeField(writer: BinaryWriter, { number, type }: FieldDescriptorProto, value: DynamicValue): void {
  if (value instanceof DynamicMessage) {
    if (type === Type.GROUP)
      writer.tag(number, WireType.StartGroup).raw(value.toBinary()).tag(number, WireType.EndGroup)
    else writer.tag(number, WireType.LengthDelimited).bytes(value.toBinary())
    return
  }
  writer.tag(number, WIRE_TYPES.get(type) ?? WireType.Varint)
  writeScalar(writer, type, value)
}

function writeScalar(writer: BinaryWriter, type: Type, value: DynamicValue): void {
  switch (type) {
    case Type.DOUBLE:
      writer.double(value as number)
      break
    case Type.FLOAT:
      // What is too large for 32 bits is infinite, as in C++.
      writer.float(Math.fround(value as number))
      break
    case Type.BOOL:
      writer.bool(value as boolean)
      break
    case Type.STRING:
    case Type.BYTES:
    case Type.MESSAGE:
      writer.bytes(byteStringToBytes(value as string))
      break
    case Type.ENUM:
    case Type.INT32:
      writer.int32(Number(value))
      break
    case Type.SINT32:
      writer.sint32(Number(value))
      break
    case Type.UINT32:
      writer.uint32(Number(value))
      break
    case Type.FIXED32:
      writer.fixed32(Number(value))
      break
    case Type.SFIXED32:
      writer.sfixed32(Number(value))
      break
    case Type.INT64:
      writer.int64(value as bigint)
      break
    case Type.SINT64:
      writer.sint64(value as bigint)
      break
    case Type.UINT64:
      writer.uint64(value as bigint)
      break
    case Type.FIXED64:
      writer.fixed64(value as bigint)
      break
    case Type.SFIXED64:
      writer.sfixed64(value as bigint)
      break
    case Type.GROUP:
      throw new TypeError("a group is no scalar")
  }
}

const WIRE_TYPES: ReadonlyMap<Type, WireType> = new Map([
  [Type.DOUBLE, WireType.Bit64],
  [Type.FIXED64, WireType.Bit64],
  [Type.SFIXED64, WireType.Bit64],
  [Type.FLOAT, WireType.Bit32],
  [Type.FIXED32, WireType.Bit32],
  [Type.SFIXED32, WireType.Bit32],
  [Type.STRING, WireType.LengthDelimited],
  [Type.BYTES, WireType.LengthDelimited],
  [Type.MESSAGE, WireType.LengthDelimited],
])

const NEVER_PACKED: ReadonlySet<Type> = new Set([Type.STRING, Type.BYTES, Type.MESSAGE, Type.GROUP])

/** Whether repeated values of this type may share one length-delimited record. */
export function isPackable(type: Type): boolean {
  return !NEVER_PACKED.has(type)
}

/** protobuf.dev, "Encoding": repeated scalars are packed by default from proto3 on. */
function isPacked({ proto, file }: DynamicField): boolean {
  if (!isPackable(proto.type)) return false
  const { options } = proto
  if (isEditions(file)) {
    const features = options?.features ?? file.proto.options?.features
    return features?.repeatedFieldEncoding !== FeatureSet_RepeatedFieldEncoding.EXPANDED
  }
  if (options && Object.hasOwn(options, "packed")) return options.packed
  return file.proto.syntax === "proto3"
}

/** Whether a zero that was set is told apart from none (protobuf.dev, "Field Presence"). */
function hasPresence({ proto, file }: DynamicField): boolean {
  if (file.proto.syntax !== "proto3" || proto.extendee !== "" || isRepeated(proto)) return true
  return proto.type === Type.MESSAGE || oneofIndexOf(proto) !== undefined
}

function isEditions(file: SourceFile): boolean {
  return file.proto.edition >= Edition.EDITION_2023
}

/** What a field of this type is when it is not set; an empty string stands for an empty message too, whose bytes it has. */
function zeroOf(type: Type): DynamicValue {
  if (type === Type.BOOL) return false
  if (LENGTH_DELIMITED.has(type)) return ""
  return LONG_TYPES.has(type) ? 0n : 0
}

const LENGTH_DELIMITED: ReadonlySet<Type> = new Set([Type.STRING, Type.BYTES, Type.MESSAGE])

/** Integers of 64 bits. */
export const LONG_TYPES: ReadonlySet<Type> = new Set([
  Type.INT64,
  Type.UINT64,
  Type.SINT64,
  Type.FIXED64,
  Type.SFIXED64,
])

function isZero(value: DynamicValue): boolean {
  // Minus zero has a bit set.
  return value === "" || value === false || value === 0n || Object.is(value, 0)
}

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import {
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldOptions_OptionRetention,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { byteStringToBytes } from "./byte-string.js"
import { hasPresence, isDelimited, isPacked, isRepeated, LONG_TYPES, oneofIndexOf } from "./field-features.js"
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
    const existing = this.existingChild(field)
    if (existing) return existing
    const made = new DynamicMessage(type)
    this.add(field, made)
    return made
  }

  /** The message in a singular message field, if there is one. */
  existingChild(field: DynamicField): DynamicMessage | undefined {
    const value = this.entries.get(field.proto.number)?.values[0]
    return value instanceof DynamicMessage ? value : undefined
  }

  /** A field of this oneof that is set. */
  memberOf(oneofIndex: number): DynamicField | undefined {
    for (const { field } of this.entries.values()) {
      if (field.proto.extendee === "" && oneofIndexOf(field.proto) === oneofIndex) return field
    }
    return undefined
  }

  get isEmpty(): boolean {
    return this.entries.size === 0
  }

  /** What a field of the message's own, no extension, has been set to. */
  fieldNamed(name: string): Entry | undefined {
    for (const entry of this.entries.values()) {
      if (entry.field.proto.name === name && entry.field.proto.extendee === "") return entry
    }
    return undefined
  }

  /** As C++ writes it; without fields that are for readers of the source, unless they are asked for. */
  toBinary(options: { readonly withSourceOnly: boolean } = { withSourceOnly: false }): Uint8Array {
    const writer = new BinaryWriter()
    this.write(writer, options)
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

  private write(writer: BinaryWriter, options: { readonly withSourceOnly: boolean }): void {
    const isMapEntry = this.type.node.options?.mapEntry === true
    const isMessageSet = this.type.node.options?.messageSetWireFormat === true
    if (isMapEntry) this.completeMapEntry()
    for (const { field, values } of this.sortedEntries()) {
      const { proto, file } = field
      if (!options.withSourceOnly && isForSourceOnly(proto)) continue
      if (isRepeated(proto) && isPacked(proto, file)) {
        writer.tag(proto.number, WireType.LengthDelimited).fork()
        for (const value of values) writeScalar(writer, proto.type, value)
        writer.join()
        continue
      }
      const omitsZero = !isMapEntry && !isRepeated(proto) && !hasPresence(proto, file)
      for (const value of values) {
        if (omitsZero && isZero(value)) continue
        if (!(value instanceof DynamicMessage)) {
          writer.tag(proto.number, WIRE_TYPES.get(proto.type) ?? WireType.Varint)
          writeScalar(writer, proto.type, value)
        } else if (isMessageSet && proto.extendee !== "") {
          writeMessageSetItem(writer, proto.number, value.toBinary(options))
        } else if (isDelimited(proto, file) && !isMapEntry && value.type.node.options?.mapEntry !== true) {
          writer
            .tag(proto.number, WireType.StartGroup)
            .raw(value.toBinary(options))
            .tag(proto.number, WireType.EndGroup)
        } else {
          writer.tag(proto.number, WireType.LengthDelimited).bytes(value.toBinary(options))
        }
      }
    }
  }
}

/** One extension of a message set: `repeated group Item = 1 { required int32 type_id = 2; required bytes message = 3; }`. */
function writeMessageSetItem(writer: BinaryWriter, typeId: number, message: Uint8Array): void {
  writer.tag(1, WireType.StartGroup)
  writer.tag(2, WireType.Varint).uint32(typeId)
  writer.tag(3, WireType.LengthDelimited).bytes(message)
  writer.tag(1, WireType.EndGroup)
}

/** Whether a field of an option is for readers of the source, and left out of descriptors (`retention`). */
export function isForSourceOnly({ options }: FieldDescriptorProto): boolean {
  return options?.retention === FieldOptions_OptionRetention.RETENTION_SOURCE
}

export function findEnumValue(node: EnumDescriptorProto, name: string): number | undefined {
  return node.value.find((value) => value.name === name)?.number
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

/** What a field of this type is when it is not set; an empty string stands for an empty message too, whose bytes it has. */
function zeroOf(type: Type): DynamicValue {
  if (type === Type.BOOL) return false
  if (LENGTH_DELIMITED.has(type)) return ""
  return LONG_TYPES.has(type) ? 0n : 0
}

const LENGTH_DELIMITED: ReadonlySet<Type> = new Set([Type.STRING, Type.BYTES, Type.MESSAGE])

function isZero(value: DynamicValue): boolean {
  // Minus zero has a bit set.
  return value === "" || value === false || value === 0n || Object.is(value, 0)
}

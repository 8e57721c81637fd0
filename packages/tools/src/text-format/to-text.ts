import {
  create,
  type DescExtension,
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  getExtension,
  isMessage,
  type JsonValue,
  type Message,
  type MessageShape,
  type Registry,
  ScalarType,
  type UnknownField,
} from "@bufbuild/protobuf"
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect"
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import { type Any, AnySchema, FeatureSet_FieldPresence, isWrapperDesc } from "@bufbuild/protobuf/wkt"
import { KnownTypes } from "./known-types.js"
import { scalarText } from "./literals.js"
import { MAX_DEPTH } from "./text-cursor.js"
import { TextLines } from "./text-lines.js"
import { groupFields, writeUnknown } from "./unknown-text.js"

/** How text is written. */
export interface TextWriteOptions {
  /**
   * What extensions, and messages in an Any, may be of; others are written as bytes, or not at all. Types that the
   * message's own file imports need not be in it.
   */
  readonly registry?: Registry | undefined
  /** All on one line. Default: false */
  readonly singleLine?: boolean | undefined
  /** Whether unknown fields are written, by their numbers; `fromText` does not read these. Default: false */
  readonly unknownFields?: boolean | undefined
}

/** A message in protobuf's text format: fields in the order of their numbers, strings as they are, not as ASCII. */
export function toText<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
  options: TextWriteOptions = {},
): string {
  const writer = new TextWriter(schema, options)
  writer.message(reflect(schema, message))
  return writer.lines.toString()
}

/** What is written of a message: a field, an extension, or a message in a message set. */
interface Part {
  readonly number: number
  write(): void
}

class TextWriter {
  readonly lines: TextLines
  readonly #types: KnownTypes
  readonly #withUnknown: boolean
  /** How many messages stand around what is written. */
  #depth = 0

  constructor(schema: DescMessage, { registry, singleLine = false, unknownFields = false }: TextWriteOptions) {
    this.lines = new TextLines(singleLine)
    this.#types = new KnownTypes(schema, registry)
    this.#withUnknown = unknownFields
  }

  message(message: ReflectMessage): void {
    this.#depth++
    const isExpanded = message.desc.typeName === AnySchema.typeName && this.#any(message.message as Any)
    if (!isExpanded) this.#fields(message)
    this.#depth--
  }

  #fields(message: ReflectMessage): void {
    const parts: Part[] = []
    for (const field of message.fields) {
      if (!message.isSet(field) && !isMinusZero(message, field)) continue
      parts.push({ number: field.number, write: () => this.#field(message, field, nameOf(field)) })
    }
    const unknown = this.#extensions(message, parts)
    for (const part of parts.sort((a, b) => a.number - b.number)) part.write()
    if (this.#withUnknown) writeUnknown(this.lines, unknown)
  }

  /**
   * Writes what is in an Any by its type's name; false when that is not known, the bytes are none of it, or `fromText`
   * would not go so deep: an Any in an Any is no nesting where messages are decoded.
   */
  #any({ typeUrl, value }: Any): boolean {
    const desc = this.#types.message(typeUrl.slice(typeUrl.lastIndexOf("/") + 1))
    if (desc === undefined || !typeUrl.includes("/") || this.#depth >= MAX_DEPTH) return false
    const content = read(desc, value)
    if (content === undefined) return false
    this.lines.block(`[${typeUrl}]`, () => this.message(reflect(desc, content)))
    return true
  }

  /** Adds the extensions that are known among the unknown fields; returns the rest. */
  #extensions(message: ReflectMessage, parts: Part[]): UnknownField[] {
    const { desc } = message
    const isSet = desc.proto.options?.messageSetWireFormat === true
    const found = new Map<number, DescExtension | undefined>()
    const unknown = message.getUnknown()?.filter((field) => !isSet || !this.#messageSetItem(desc, field, parts)) ?? []
    for (const { no } of unknown) {
      if (found.has(no)) continue
      const extension = this.#types.extension(desc, no)
      const value = extension && extensionValue(message.message, extension)
      found.set(no, value === undefined ? undefined : extension)
      if (value !== undefined) parts.push({ number: no, write: () => this.#extension(extension!, value) })
    }
    return unknown.filter(({ no }) => found.get(no) === undefined)
  }

  /** `repeated group Item = 1 { required int32 type_id = 2; required bytes message = 3; }` */
  #messageSetItem(set: DescMessage, { no, wireType, data }: UnknownField, parts: Part[]): boolean {
    if (no !== 1 || wireType !== WireType.StartGroup) return false
    const fields = groupFields(data)
    const typeId = fields.find((field) => field.no === 2 && field.wireType === WireType.Varint)
    const bytes = fields.find((field) => field.no === 3 && field.wireType === WireType.LengthDelimited)
    if (typeId === undefined || bytes === undefined) return false
    const extension = this.#types.extension(set, new BinaryReader(typeId.data).int32())
    const desc = extension?.message
    const content = desc && read(desc, new BinaryReader(bytes.data).bytes())
    if (extension === undefined || desc === undefined || content === undefined) return false
    const name = extension.parent === desc ? desc.typeName : extension.typeName
    const write = (): void => this.lines.block(`[${name}]`, () => this.message(reflect(desc, content)))
    parts.push({ number: extension.number, write })
    return true
  }

  #extension(extension: DescExtension, value: unknown): void {
    const name = `[${extension.typeName}]`
    for (const each of extension.fieldKind === "list" ? (value as unknown[]) : [value]) {
      const desc = extension.message
      this.#value(extension, name, desc === undefined ? each : reflect(desc, messageOf(desc, each)))
    }
  }

  #field(message: ReflectMessage, field: DescField, name: string): void {
    switch (field.fieldKind) {
      case "list":
        for (const value of message.get(field)) this.#value(field, name, value)
        break
      case "map":
        for (const [key, value] of [...message.get(field)].sort(byKey)) {
          this.lines.block(name, () => {
            this.lines.line(`key: ${scalarText(key, field.mapKey)}`)
            this.#value(field, "value", value)
          })
        }
        break
      default:
        this.#value(field, name, message.get(field))
    }
  }

  /** One value: a field's only one, or one of a list or map. */
  #value(field: DescField | DescExtension, name: string, value: unknown): void {
    if (field.message !== undefined) this.lines.block(name, () => this.message(value as ReflectMessage))
    else if (field.enum !== undefined) {
      this.lines.line(`${name}: ${field.enum.value[value as number]?.name ?? value}`)
    } else this.lines.line(`${name}: ${scalarText(value, field.scalar ?? ScalarType.INT32)}`)
  }
}

/** Which is a value of its own, though it counts as unset where presence is implicit. */
function isMinusZero(message: ReflectMessage, field: DescField): boolean {
  return (
    field.fieldKind === "scalar" &&
    field.oneof === undefined &&
    field.presence === FeatureSet_FieldPresence.IMPLICIT &&
    Object.is(message.get(field), -0)
  )
}

/** A group goes by the name of its message. */
function nameOf(field: DescField): string {
  const isGroup =
    field.fieldKind !== "map" &&
    field.message !== undefined &&
    field.delimitedEncoding &&
    field.message.parent === field.parent &&
    field.message.name.toLowerCase() === field.name
  return isGroup ? field.message.name : field.name
}

/** A message of a wrapper type, or a Struct, may be held as the plain value or object that it stands for. */
function messageOf(desc: DescMessage, value: unknown): Message {
  if (isMessage(value)) return value
  return isWrapperDesc(desc) ? create(desc, { value } as never) : fromJson(desc, value as JsonValue)
}

function byKey([a]: [unknown, unknown], [b]: [unknown, unknown]): number {
  return (a as string) < (b as string) ? -1 : 1
}

/** What an extension is set to; undefined when its bytes are none of its type. */
function extensionValue(message: Message, extension: DescExtension): unknown {
  try {
    return getExtension(message, extension)
  } catch {
    return undefined
  }
}

function read(desc: DescMessage, bytes: Uint8Array): Message | undefined {
  try {
    return fromBinary(desc, bytes)
  } catch {
    return undefined
  }
}

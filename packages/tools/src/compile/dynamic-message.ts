import type { FieldDescriptorProto } from "@bufbuild/protobuf/wkt"
import { isRepeated, oneofIndexOf } from "./field-features.js"
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

  /** By ascending number, extensions among the fields: C++'s order. */
  sortedEntries(): Entry[] {
    return [...this.entries.values()].sort((left, right) => left.field.proto.number - right.field.proto.number)
  }
}

import { DecodeError } from "../decode-error.js"
import type { Described, FieldContent, FieldEntry, ScalarContent } from "../field-table.js"
import { MAX_DEPTH } from "../limits.js"
import { malformedAt } from "./utf8.js"
import { END_GROUP, FIXED32, FIXED64, LENGTH_DELIMITED, START_GROUP, VARINT } from "./wire-type.js"

/**
 * Reads bytes that could not be decoded once more, with an eye to where and why: readers on the fast way only notice that
 * something is wrong. Returns undefined when nothing is, by the rules of the wire format that they follow.
 */
export function findMistake(type: Described, bytes: Uint8Array, start: number, stop: number): DecodeError | undefined {
  try {
    new MistakeFinder(bytes, start).message(type, start, stop, 1)
    return undefined
  } catch (error) {
    if (error instanceof DecodeError) return error
    throw error
  }
}

type FieldsByNumber = ReadonlyMap<number, FieldEntry>

class MistakeFinder {
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #tables: Map<Described, FieldsByNumber> = new Map()
  /** What is read just now, as errors name it. */
  #label = ""

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes
    this.#start = start
  }

  /** @param level 1 for the outermost message */
  message(type: Described, position: number, stop: number, level: number): void {
    if (level > MAX_DEPTH) this.#fail(position, `messages are nested more than ${MAX_DEPTH} levels deep`)
    const fields = this.#fieldsOf(type)
    while (position < stop) position = this.#record(type.typeName, fields, position, stop, level)
  }

  /** Returns where the record ends that begins at `position`. */
  #record(typeName: string, fields: FieldsByNumber, position: number, stop: number, level: number): number {
    this.#label = typeName
    const [tag, behind] = this.#tag(position, stop)
    const field = fields.get(tag >>> 3)
    if (field !== undefined) this.#label = `${typeName}.${field[1]}`
    else if (fields !== IN_UNKNOWN) this.#label = `${typeName}, field ${tag >>> 3}`
    switch (tag & 7) {
      case VARINT:
        return this.#varint(behind, stop)
      case FIXED32:
        return this.#bytesAhead(behind, 4, stop)
      case FIXED64:
        return this.#bytesAhead(behind, 8, stop)
      case LENGTH_DELIMITED:
        return this.#lengthDelimited(field, behind, stop, level)
      case START_GROUP:
        return this.#group(field, tag, position, behind, stop, level)
      case END_GROUP:
        return this.#fail(position, "a group ends that was not begun")
      default:
        return this.#fail(position, `there is no wire type ${tag & 7}`)
    }
  }

  #tag(position: number, stop: number): [tag: number, behind: number] {
    const behind = this.#varint(position, stop)
    let tag = 0
    for (let i = position; i < behind; i++) tag += (this.#bytes[i]! & 0x7f) * 2 ** (7 * (i - position))
    if (behind - position > 5 || tag >= 2 ** 32) this.#fail(position, "a tag does not fit 32 bits")
    if (tag < 8) this.#fail(position, "there is no field number 0")
    return [tag, behind]
  }

  #lengthDelimited(field: FieldEntry | undefined, position: number, stop: number, level: number): number {
    const start = this.#varint(position, stop)
    const length = this.#value(position, start)
    if (length > stop - start) {
      this.#fail(position, `a length of ${length} bytes, where ${stop - start} are left`)
    }
    const end = start + length
    const content = field?.[2]
    if (content === "map") this.#entry(field as FieldEntry & { 2: "map" }, start, end, level)
    else if (content !== undefined && field?.[3] !== "group") this.#content(content, start, end, level)
    return end
  }

  /** What stands behind a length, of a field that may have one. */
  #content(content: FieldContent, start: number, end: number, level: number): void {
    if (typeof content === "object") this.message(content, start, end, level + 1)
    else if (content === "string") this.#utf8(start, end)
    else if (content === "varints") for (let position = start; position < end; ) position = this.#varint(position, end)
    else if (content === "fixed32s") this.#wholeValues(4, start, end)
    else if (content === "fixed64s") this.#wholeValues(8, start, end)
  }

  /** A map's entry is a message of key and value, whose mistakes are the map's. */
  #entry([, , , key, value]: FieldEntry & { 2: "map" }, position: number, end: number, level: number): void {
    const label = this.#label
    const fields: FieldsByNumber = new Map([
      [1, [1, "key", key as ScalarContent]],
      [2, [2, "value", value as FieldContent]],
    ])
    while (position < end) {
      position = this.#record(label, fields, position, end, level)
    }
    this.#label = label
  }

  #group(
    field: FieldEntry | undefined,
    tag: number,
    start: number,
    position: number,
    stop: number,
    level: number,
  ): number {
    const label = this.#label
    if (level >= MAX_DEPTH) this.#fail(start, `groups are nested more than ${MAX_DEPTH} levels deep`)
    const type = field?.[3] === "group" ? (field[2] as Described) : undefined
    const fields = type === undefined ? IN_UNKNOWN : this.#fieldsOf(type)
    while (position < stop) {
      this.#label = label
      const [inner, behind] = this.#tag(position, stop)
      if ((inner & 7) === END_GROUP) {
        if (inner >>> 3 !== tag >>> 3) this.#fail(position, `group ${inner >>> 3} ends inside group ${tag >>> 3}`)
        return behind
      }
      position = this.#record(type === undefined ? label : type.typeName, fields, position, stop, level + 1)
    }
    this.#label = label
    return this.#fail(start, "a group that does not end")
  }

  #utf8(start: number, end: number): void {
    const at = malformedAt(this.#bytes, start, end)
    if (at !== undefined) this.#fail(at, "invalid UTF-8")
  }

  #wholeValues(size: number, start: number, end: number): void {
    if ((end - start) % size === 0) return
    this.#fail(start, `${end - start} bytes of packed values, of ${size} bytes each`)
  }

  #bytesAhead(position: number, count: number, stop: number): number {
    if (position + count > stop) this.#fail(position, `ends after ${stop - position} of ${count} bytes`)
    return position + count
  }

  /** Returns where a varint ends. */
  #varint(position: number, stop: number): number {
    for (let i = position; i < stop; i++) {
      if (i - position === 10) this.#fail(position, "a varint of more than ten bytes")
      if (this.#bytes[i]! < 0x80) return i + 1
    }
    return this.#fail(position, "ends in the middle of a varint")
  }

  /** The low 32 bits of the varint in bytes[position…end), which are all of a length that are read. */
  #value(position: number, end: number): number {
    let value = 0
    for (let i = position; i < end && i < position + 5; i++) value |= (this.#bytes[i]! & 0x7f) << (7 * (i - position))
    return value >>> 0
  }

  /** Made once for a type: a message may have very many of another. */
  #fieldsOf(type: Described): FieldsByNumber {
    let fields = this.#tables.get(type)
    if (fields === undefined) {
      fields = type.fields === undefined ? NO_FIELDS : new Map(type.fields().map((field) => [field[0], field]))
      this.#tables.set(type, fields)
    }
    return fields
  }

  #fail(position: number, reason: string): never {
    throw new DecodeError(reason, this.#label, position - this.#start)
  }
}

const NO_FIELDS: FieldsByNumber = new Map()
/** Those of an unknown group, which is named as a whole. */
const IN_UNKNOWN: FieldsByNumber = new Map()

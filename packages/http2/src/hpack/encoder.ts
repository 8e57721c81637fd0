import { copyOf } from "../copy-of.js"
import { EncoderTable, FieldPolicy, type KnownName } from "./encoder-table.js"
import type { HeaderFields } from "./header-block.js"
import { encodeHuffman, huffmanLength } from "./huffman.js"
import { writeInteger } from "./integer.js"
import { writeLatin1 } from "./latin1.js"
import { maxFieldsLength, PreparedHeaders } from "./prepared-headers.js"

/** How header lists are encoded towards one peer. */
interface HpackEncoderOptions {
  /** The largest dynamic table to use, whatever the peer would allow (bytes). 4096 when left out. */
  readonly tableSize?: number
  /** Names that are sent as never-indexed literals on this connection, besides those that always are. */
  readonly sensitive?: ReadonlySet<string>
  /** False: strings go out as they are, which costs bytes and saves time. True when left out. */
  readonly huffman?: boolean
}

/** SETTINGS_HEADER_TABLE_SIZE before any SETTINGS (RFC 9113 §6.5.2). */
const defaultTableSize = 4096

/** RFC 7541 §4.2: a block may have to begin with two size updates, each an integer of at most six bytes. */
const maxSizeUpdates = 12

/** How many prepared lists a connection keeps the bytes of. */
const maxEncodings = 256

/** A string that is sent once is made shorter only where that saves more than it costs both sides in time. */
const minHuffmanOnce = 64

/** The bytes that a prepared list has become, good for one generation of the table. */
interface Encoding {
  readonly bytes: Uint8Array
  readonly generation: number
}

/** RFC 7541: turns header lists into the header blocks of one connection. Blocks must be sent in the order of the calls. */
export class HpackEncoder {
  readonly #table: EncoderTable
  readonly #ownLimit: number
  readonly #huffman: boolean
  readonly #encodings = new Map<PreparedHeaders, Encoding>()
  /** The size the peer was last told of, and the smallest and last since then. */
  #announced = defaultTableSize
  #smallest: number
  #wroteSensitive = false

  constructor(options: HpackEncoderOptions = {}) {
    this.#ownLimit = options.tableSize ?? defaultTableSize
    this.#huffman = options.huffman ?? true
    this.#smallest = Math.min(this.#ownLimit, defaultTableSize)
    this.#table = new EncoderTable(this.#smallest, options.sensitive)
  }

  /** Another number whenever the table has changed: what a list was encoded to before may be wrong now. */
  get generation(): number {
    return this.#table.generation
  }
  /** What the dynamic table counts now (bytes), and how many entries it has. */
  get tableSize(): number {
    return this.#table.size
  }
  get tableLength(): number {
    return this.#table.length
  }

  /** How many prepared lists are kept in the bytes they became. */
  get keptEncodings(): number {
    return this.#encodings.size
  }

  /** Name and value of an entry of the dynamic table, the newest at 0, or undefined. */
  tableEntry(place: number): { readonly name: string; readonly value: string } | undefined {
    return this.#table.at(place)
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE (bytes), as soon as we acknowledge it. The next block tells the change. */
  setPeerTableSize(size: number): void {
    const used = Math.min(size, this.#ownLimit)
    this.#smallest = Math.min(this.#smallest, used)
    this.#table.resize(used)
  }

  /** An upper bound of what `encode` will write for the same arguments (bytes). */
  maxLength(headers: PreparedHeaders | HeaderFields | undefined, extra: HeaderFields | undefined): number {
    let length = maxSizeUpdates
    if (headers instanceof PreparedHeaders) length += headers.maxLength
    else if (headers !== undefined) length += maxFieldsLength(headers)
    if (extra !== undefined) length += maxFieldsLength(extra)
    return length
  }

  /**
   * Writes one header block of `headers` and then `extra` at into[at…], where `maxLength` bytes must be free, and returns
   * where it ends. Sensitive are the fields named by the prepared list, by the encoder's options, and credentials always.
   * Throws TypeError when a list that is not prepared holds a character above U+00FF; nothing then counts as sent.
   */
  encode(
    headers: PreparedHeaders | HeaderFields | undefined,
    extra: HeaderFields | undefined,
    into: Uint8Array,
    at: number,
  ): number {
    try {
      at = this.#writeSizeUpdates(into, at)
      this.#table.beginBlock()
      if (headers instanceof PreparedHeaders) at = this.#writePrepared(headers, into, at)
      else if (headers !== undefined) at = this.#writeFields(headers, undefined, into, at)
      return extra === undefined ? at : this.#writeFields(extra, undefined, into, at)
    } catch (error) {
      this.#startOver()
      throw error
    }
  }

  /** The peer will not see what was put in the table for this block: both tables are emptied by an update to 0. */
  #startOver(): void {
    const { maxSize } = this.#table
    this.#smallest = 0
    this.#table.resize(0)
    this.#table.resize(maxSize)
    this.#announced = Number.POSITIVE_INFINITY
  }

  /** RFC 7541 §4.2: the smallest size since the last block, then the last one. */
  #writeSizeUpdates(into: Uint8Array, at: number): number {
    const { maxSize } = this.#table
    if (this.#smallest === this.#announced && maxSize === this.#announced) return at
    if (this.#smallest < maxSize && this.#smallest < this.#announced)
      at = writeInteger(into, at, 0x20, 0x1f, this.#smallest)
    at = writeInteger(into, at, 0x20, 0x1f, maxSize)
    this.#announced = this.#smallest = maxSize
    return at
  }

  #writePrepared(headers: PreparedHeaders, into: Uint8Array, at: number): number {
    const kept = this.#encodings.get(headers)
    const { generation } = this.#table
    if (kept !== undefined && kept.generation === generation) {
      const { bytes } = kept
      for (let i = 0; i < bytes.length; i++) into[at + i] = bytes[i]
      return at + bytes.length
    }
    this.#wroteSensitive = false
    const end = this.#writeFields(headers.fields, headers, into, at)
    // A block that changed the table is right only once; the same list will be shorter the next time.
    if (generation === this.#table.generation && !this.#wroteSensitive) {
      if (kept === undefined && this.#encodings.size >= maxEncodings) this.#encodings.clear()
      this.#encodings.set(headers, { bytes: copyOf(into, at, end), generation })
    }
    return end
  }

  #writeFields(fields: HeaderFields, prepared: PreparedHeaders | undefined, into: Uint8Array, at: number): number {
    for (let i = 0; i < fields.length; i += 2) {
      const name = this.#table.name(fields[i])
      const value = fields[i + 1]
      if (name.policy === FieldPolicy.sensitive || prepared?.sensitive.has(name.name)) {
        this.#wroteSensitive = true
        at = this.#writeLiteral(0x10, 0x0f, name, value, false, into, at)
        continue
      }
      const index = this.#table.indexOf(name, value)
      if (index !== 0) at = writeInteger(into, at, 0x80, 0x7f, index)
      else if (this.#table.shouldInsert(name, value, prepared !== undefined)) {
        at = this.#writeLiteral(0x40, 0x3f, name, value, true, into, at)
        this.#table.insert(name, value)
      } else at = this.#writeLiteral(0x00, 0x0f, name, value, prepared !== undefined, into, at)
    }
    return at
  }

  #writeLiteral(
    flags: number,
    prefix: number,
    name: KnownName,
    value: string,
    lasting: boolean,
    into: Uint8Array,
    at: number,
  ): number {
    const index = this.#table.nameIndex(name)
    at = writeInteger(into, at, flags, prefix, index)
    if (index === 0) at = this.#writeString(name.name, into, at, lasting)
    return this.#writeString(value, into, at, lasting)
  }

  #writeString(text: string, into: Uint8Array, at: number, lasting: boolean): number {
    if (this.#huffman && (lasting || text.length >= minHuffmanOnce)) {
      const length = huffmanLength(text)
      if (length < text.length) return encodeHuffman(text, into, writeInteger(into, at, 0x80, 0x7f, length))
    }
    return writeLatin1(text, into, writeInteger(into, at, 0, 0x7f, text.length))
  }
}

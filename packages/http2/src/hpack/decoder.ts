import { BytesCache } from "./bytes-cache.js"
import { DynamicTable } from "./dynamic-table.js"
import { FieldKind, fieldKind } from "./field-kind.js"
import { fieldFault } from "./field-rules.js"
import type { HeaderBlock } from "./header-block.js"
import {
  addPseudoHeader,
  dropFields,
  type HeaderBlockDraft,
  joinCookie,
  keepContentType,
  newDraft,
} from "./header-block-draft.js"
import { HpackError } from "./hpack-error.js"
import { IntegerReader } from "./integer.js"
import { decodeString } from "./octet-string.js"
import { lastStaticIndex, staticEntries } from "./static-table.js"
import { entryOverhead, TableEntry } from "./table-entry.js"

/** What a decoder lets its peer do; all of it is bytes or numbers of fields, from 0 up. */
export interface HpackDecoderOptions {
  /** The largest dynamic table the peer may use from the start (bytes): 4096 until our SETTINGS say otherwise. */
  readonly tableSize: number
  /** Over this size of a header list (RFC 9113 §6.5.2, bytes) a block is decoded, but nothing of it is kept. */
  readonly maxHeaderListSize: number
  /** The same for the number of fields, pseudo-headers included. */
  readonly maxHeaderCount: number
}

const blockCacheLimits = { sets: 128, maxKeyLength: 192, maxWeight: 65_536 }
const literalCacheLimits = { sets: 32, maxKeyLength: 96, maxWeight: 8192 }
/** Shorter literals are decoded as fast as they are found. */
const minCachedLiteral = 8
const bytesPerReference = 8

/** RFC 7541: turns the header blocks of one connection, in the order they came, into header lists. */
export class HpackDecoder {
  readonly #table: DynamicTable<TableEntry>
  /** Blocks that neither changed the table nor hold anything sensitive, good for one generation of the table. */
  readonly #blocks = new BytesCache<HeaderBlock>(blockCacheLimits)
  #blocksGeneration = 0
  /** Strings of literals that come again and again, such as the paths that some peers never index. */
  readonly #literals = new BytesCache<string>(literalCacheLimits)
  readonly #integer = new IntegerReader()
  readonly #maxListSize: number
  readonly #maxCount: number
  #tableLimit: number
  /** The lowest limit that the peer has not yet met by a size update; above everything when it has met all. */
  #owedSize = Number.POSITIVE_INFINITY
  /** Of the block being read: its fields so far, and whether one of them must stay out of the caches. */
  #count = 0
  #sensitive = false
  /** Where the string read last ends. */
  #stringEnd = 0

  constructor(options: HpackDecoderOptions) {
    this.#tableLimit = options.tableSize
    this.#table = new DynamicTable(options.tableSize)
    this.#maxListSize = options.maxHeaderListSize
    this.#maxCount = options.maxHeaderCount
  }

  /** What the dynamic table counts now (bytes), and how many entries it has. */
  get tableSize(): number {
    return this.#table.size
  }
  get tableLength(): number {
    return this.#table.length
  }

  /** How many blocks and literals are kept to be found again by their bytes. */
  get keptBlocks(): number {
    return this.#blocks.size
  }
  get keptLiterals(): number {
    return this.#literals.size
  }

  /** Name and value of an entry of the dynamic table, the newest at 0, or undefined. */
  tableEntry(place: number): { readonly name: string; readonly value: string } | undefined {
    return this.#table.at(place)
  }

  /**
   * Our SETTINGS_HEADER_TABLE_SIZE, from when the peer has acknowledged it. When it is below the size in use, the peer's
   * next block must begin with a size update, and the lowest of several limits must be met by one (RFC 7541 §4.2).
   * `allowed`: a higher one that it may know of.
   */
  setTableLimit(limit: number, allowed: number = limit): void {
    this.#tableLimit = allowed
    if (limit < this.#table.maxSize) {
      this.#owedSize = Math.min(this.#owedSize, limit)
      this.#blocks.clear()
    }
  }

  /** A size that we have announced: the peer may use it from when it has heard of it, which may be before its answer. */
  allowTableSize(size: number): void {
    this.#tableLimit = Math.max(this.#tableLimit, size)
  }

  /**
   * Decodes the header block bytes[start…stop), which must be whole. Throws HpackError when the peer broke RFC 7541; the
   * decoder must not be used again after that. The block handed out may be one that was handed out before.
   */
  decode(bytes: Uint8Array, start: number, stop: number): HeaderBlock {
    const generation = this.#table.generation
    if (generation !== this.#blocksGeneration) {
      this.#blocks.clear()
      this.#blocksGeneration = generation
    }
    const known = this.#blocks.find(bytes, start, stop)
    if (known !== undefined) return known
    const block = newDraft()
    const first = this.#readSizeUpdates(bytes, start, stop)
    this.#count = 0
    this.#sensitive = false
    let at = first
    while (at < stop) {
      const byte = bytes[at++]
      if (byte < 0x80) {
        at = this.#readLiteral(block, byte, bytes, at, stop)
        continue
      }
      let index = byte & 0x7f
      if (index === 0x7f) {
        index = this.#integer.continue(bytes, at, stop, 0x7f)
        at = this.#integer.end
      }
      const { kind, name, value, size, fault } = this.#entry(index)
      if (this.#add(block, kind, name, value, size) && fault !== undefined) block.fieldFault ??= fault
    }
    if (!this.#sensitive && !block.oversize && first === start && generation === this.#table.generation) {
      this.#blocks.offer(bytes, start, stop, block as HeaderBlock, block.fields.length * bytesPerReference)
    }
    return block as HeaderBlock
  }

  /** RFC 7541 §6.2: a literal, of which `byte` is the first; the rest begins at bytes[at]. Returns where it ends. */
  #readLiteral(block: HeaderBlockDraft, byte: number, bytes: Uint8Array, at: number, stop: number): number {
    if ((byte & 0xe0) === 0x20) throw new HpackError("table size update after the first field of a header block")
    const indexing = byte >= 0x40
    const neverIndexed = byte >= 0x10 && !indexing
    const prefix = indexing ? 0x3f : 0x0f
    let index = byte & prefix
    if (index === prefix) {
      index = this.#integer.continue(bytes, at, stop, prefix)
      at = this.#integer.end
    }
    let name: string
    let kind: FieldKind
    if (index === 0) {
      name = this.#readString(bytes, at, stop, true)
      at = this.#stringEnd
      kind = fieldKind(name)
    } else {
      ;({ name, kind } = this.#entry(index))
    }
    const value = this.#readString(bytes, at, stop, !neverIndexed && kind !== FieldKind.sensitive)
    let fault: string | undefined
    if (indexing) {
      const entry = new TableEntry(name, value, kind)
      this.#table.insert(entry)
      fault = entry.fault
    } else {
      fault = fieldFault(kind, name, value)
      if (neverIndexed) this.#sensitive = true
    }
    if (this.#add(block, kind, name, value, name.length + value.length + entryOverhead)) {
      block.fieldFault ??= fault
      if (neverIndexed) block.neverIndexed = [...(block.neverIndexed ?? []), name]
    }
    return this.#stringEnd
  }

  /** RFC 7541 §4.2: size updates stand before the first field. Returns where the fields begin. */
  #readSizeUpdates(bytes: Uint8Array, start: number, stop: number): number {
    let at = start
    while (at < stop && (bytes[at] & 0xe0) === 0x20) {
      let size = bytes[at++] & 0x1f
      if (size === 0x1f) {
        size = this.#integer.continue(bytes, at, stop, 0x1f)
        at = this.#integer.end
      }
      const limit = this.#tableLimit
      if (size > limit) throw new HpackError(`table size update to ${size}, the limit is ${limit}`)
      this.#table.resize(size)
      if (size <= this.#owedSize) this.#owedSize = Number.POSITIVE_INFINITY
    }
    if (at < stop && this.#owedSize !== Number.POSITIVE_INFINITY) {
      throw new HpackError(`header block without a table size update after the limit fell to ${this.#owedSize}`)
    }
    return at
  }

  #entry(index: number): TableEntry {
    const entry = index <= lastStaticIndex ? staticEntries[index] : this.#table.at(index - lastStaticIndex - 1)
    if (entry === undefined) throw new HpackError(`index ${index} is in neither table`)
    return entry
  }

  #readString(bytes: Uint8Array, at: number, stop: number, cacheable: boolean): string {
    const start = at
    if (at >= stop) throw new HpackError("header block ends before a string")
    const byte = bytes[at++]
    let length = byte & 0x7f
    if (length === 0x7f) {
      length = this.#integer.continue(bytes, at, stop, 0x7f)
      at = this.#integer.end
    }
    const end = at + length
    if (end > stop) throw new HpackError(`string of ${length} bytes in a header block with ${stop - at} left`)
    this.#stringEnd = end
    if (!cacheable || length < minCachedLiteral) return decodeString(bytes, at, end, byte >= 0x80)
    // The key begins with the length, and so tells a Huffman string from a plain one.
    const known = this.#literals.find(bytes, start, end)
    if (known !== undefined) return known
    const text = decodeString(bytes, at, end, byte >= 0x80)
    this.#literals.offer(bytes, start, end, text, text.length)
    return text
  }

  /** Counts the field and keeps it; false when the list is oversize, and nothing is kept. */
  #add(block: HeaderBlockDraft, kind: FieldKind, name: string, value: string, size: number): boolean {
    block.listSize += size
    this.#count++
    if (block.listSize > this.#maxListSize || this.#count > this.#maxCount) {
      if (!block.oversize) dropFields(block)
      if (name === "content-type") keepContentType(block, value)
      return false
    }
    if (kind === FieldKind.sensitive) {
      this.#sensitive = true
      if (name === "cookie" && joinCookie(block, value)) return true
    }
    if (kind <= FieldKind.sensitive) block.fields.push(name, value)
    else addPseudoHeader(block, kind, name, value)
    return true
  }
}

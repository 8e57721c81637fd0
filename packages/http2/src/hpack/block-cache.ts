import type { HeaderBlock } from "./header-block.js"

const sets = 128
const slots = sets * 2
/** Longer blocks carry something of their own, and would cost more to compare. */
const maxKeyLength = 192
/** What all keys and the lists of their blocks may hold together (bytes, roughly). */
const maxBytes = 65_536
const bytesPerString = 8

interface CachedBlock {
  readonly key: Uint8Array
  readonly block: HeaderBlock
}

/**
 * Header blocks by their bytes, for one state of the decoder's table: when the table changes, all are dropped.
 * A block is kept when its bytes are seen for the second time, so that blocks that never return cost a hash and no more.
 * The decoder offers no block that holds a sensitive field.
 */
export class BlockCache {
  /** Two slots a set, the newer first. */
  #blocks: (CachedBlock | undefined)[] | undefined
  /** The hash last offered to each set. */
  #seen: Int32Array | undefined
  #count = 0
  #bytes = 0
  #generation = 0

  find(bytes: Uint8Array, start: number, stop: number, generation: number): HeaderBlock | undefined {
    if (this.#count === 0 || stop - start > maxKeyLength) return undefined
    if (generation !== this.#generation) {
      this.clear()
      return undefined
    }
    const slot = setOf(hash(bytes, start, stop)) * 2
    const blocks = this.#blocks!
    const newer = blocks[slot]
    if (newer !== undefined && isKey(newer.key, bytes, start, stop)) return newer.block
    const older = blocks[slot + 1]
    if (older !== undefined && isKey(older.key, bytes, start, stop)) return older.block
    return undefined
  }

  offer(bytes: Uint8Array, start: number, stop: number, generation: number, block: HeaderBlock): void {
    if (stop - start > maxKeyLength) return
    const code = hash(bytes, start, stop)
    const set = setOf(code)
    this.#seen ??= new Int32Array(sets)
    if (this.#seen[set] !== code) {
      this.#seen[set] = code
      return
    }
    if (generation !== this.#generation) this.clear()
    this.#generation = generation
    this.#keep(set * 2, { key: bytes.slice(start, stop), block })
  }

  clear(): void {
    if (this.#count === 0) return
    this.#blocks!.fill(undefined)
    this.#count = 0
    this.#bytes = 0
  }

  #keep(slot: number, cached: CachedBlock): void {
    const bytes = weight(cached)
    if (this.#bytes + bytes > maxBytes) this.clear()
    const blocks = (this.#blocks ??= new Array<CachedBlock | undefined>(slots).fill(undefined))
    const older = blocks[slot + 1]
    if (older !== undefined) {
      this.#bytes -= weight(older)
      this.#count--
    }
    blocks[slot + 1] = blocks[slot]
    blocks[slot] = cached
    this.#bytes += bytes
    this.#count++
  }
}

function weight(cached: CachedBlock): number {
  return cached.key.length + cached.block.fields.length * bytesPerString
}

function hash(bytes: Uint8Array, start: number, stop: number): number {
  let code = stop - start
  for (let at = start; at < stop; at++) code = (Math.imul(code, 31) + bytes[at]) | 0
  return code
}

function setOf(code: number): number {
  return (code ^ (code >>> 7) ^ (code >>> 15)) & (sets - 1)
}

function isKey(key: Uint8Array, bytes: Uint8Array, start: number, stop: number): boolean {
  if (key.length !== stop - start) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false
  return true
}

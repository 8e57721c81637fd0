import { copyOf } from "../copy-of.js"

/** How much a cache may keep. */
interface BytesCacheLimits {
  /** A power of two. Each set has two slots. */
  readonly sets: number
  /** Longer keys are never kept: they carry something of their own, and cost more to compare (bytes). */
  readonly maxKeyLength: number
  /** What all that is kept may weigh; over it everything is dropped (bytes, roughly). */
  readonly maxWeight: number
}

interface Kept<Value> {
  readonly key: Uint8Array
  readonly value: Value
  readonly weight: number
}

/**
 * What was once made from a run of bytes, found again by the bytes. A value is kept when its bytes are seen for the second
 * time, so that what never returns costs a hash and no more. Nothing is allocated before that.
 */
export class BytesCache<Value> {
  readonly #limits: BytesCacheLimits
  /** Two slots a set, the newer first. */
  #slots: (Kept<Value> | undefined)[] | undefined
  /** The hash last offered to each set. */
  #seen: Int32Array | undefined
  #count = 0
  #weight = 0
  /** The hash of the bytes last looked for. */
  #code = 0

  constructor(limits: BytesCacheLimits) {
    this.#limits = limits
  }

  /** How many values are kept. */
  get size(): number {
    return this.#count
  }

  find(bytes: Uint8Array, start: number, stop: number): Value | undefined {
    if (stop - start > this.#limits.maxKeyLength) return undefined
    const code = (this.#code = hash(bytes, start, stop))
    if (this.#count === 0) return undefined
    const slots = this.#slots!
    const slot = this.#set(code) * 2
    const newer = slots[slot]
    if (newer !== undefined && isKey(newer.key, bytes, start, stop)) return newer.value
    const older = slots[slot + 1]
    if (older !== undefined && isKey(older.key, bytes, start, stop)) return older.value
    return undefined
  }

  /** To be called for the bytes that `find` was last called for and did not find. `weight` is that of the value (bytes). */
  offer(bytes: Uint8Array, start: number, stop: number, value: Value, weight: number): void {
    if (stop - start > this.#limits.maxKeyLength) return
    const set = this.#set(this.#code)
    this.#seen ??= new Int32Array(this.#limits.sets)
    if (this.#seen[set] !== this.#code) {
      this.#seen[set] = this.#code
      return
    }
    const key = copyOf(bytes, start, stop)
    this.#keep(set * 2, { key, value, weight: weight + key.length })
  }

  clear(): void {
    if (this.#count === 0) return
    this.#slots!.fill(undefined)
    this.#count = 0
    this.#weight = 0
  }

  #keep(slot: number, kept: Kept<Value>): void {
    if (this.#weight + kept.weight > this.#limits.maxWeight) this.clear()
    const slots = (this.#slots ??= new Array<Kept<Value> | undefined>(this.#limits.sets * 2).fill(undefined))
    const older = slots[slot + 1]
    if (older === undefined) this.#count++
    else this.#weight -= older.weight
    slots[slot + 1] = slots[slot]
    slots[slot] = kept
    this.#weight += kept.weight
  }

  #set(code: number): number {
    return (code ^ (code >>> 7) ^ (code >>> 15)) & (this.#limits.sets - 1)
  }
}

function hash(bytes: Uint8Array, start: number, stop: number): number {
  let code = stop - start
  for (let at = start; at < stop; at++) code = (Math.imul(code, 31) + bytes[at]) | 0
  return code
}

function isKey(key: Uint8Array, bytes: Uint8Array, start: number, stop: number): boolean {
  if (key.length !== stop - start) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false
  return true
}

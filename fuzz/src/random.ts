/** Chance that can be had again: the same seed gives the same numbers on every machine. */
export class Random {
  #state: number

  /** @param seed any whole number; seeds that lie close together give numbers that do not */
  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.floor(seed / 2 ** 32)
    for (let i = 0; i < 3; i++) this.next()
  }

  /** 32 bits (Mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return (bits ^ (bits >>> 14)) >>> 0
  }

  /** A whole number from 0 to `count` − 1. */
  below(count: number): number {
    return this.next() % count
  }

  /** True once in `times` on average. */
  oneIn(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.next()
    return bytes
  }
}

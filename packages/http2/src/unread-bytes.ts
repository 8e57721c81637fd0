import { copyOf } from "./copy-of.js"
import { grown } from "./grown.js"
import { noBytes } from "./no-bytes.js"

/**
 * Bytes that came when as many handlers had started as may in one turn of the event loop: they are read in the next.
 * Chunks are only lent, so what is left of one is copied, once.
 */
export class UnreadBytes {
  #bytes: Uint8Array = noBytes

  get length(): number {
    return this.#bytes.length
  }

  /** Puts chunk[start…stop) behind what waits. */
  add(chunk: Uint8Array, start: number, stop: number): void {
    if (this.#bytes.length === 0) {
      this.#bytes = copyOf(chunk, start, stop)
      return
    }
    const { length } = this.#bytes
    this.#bytes = grown(this.#bytes, length, length + stop - start)
    this.#bytes.set(chunk.subarray(start, stop), length)
  }

  /** Of what was taken, this has not been read either. */
  putBack(rest: Uint8Array): void {
    this.#bytes = rest
  }

  /** All that waits; nothing does then. */
  take(): Uint8Array {
    const bytes = this.#bytes
    this.#bytes = noBytes
    return bytes
  }
}

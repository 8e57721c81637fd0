import { copyOf } from "./copy-of.js"

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
    const longer = new Uint8Array(this.#bytes.length + stop - start)
    longer.set(this.#bytes)
    longer.set(chunk.subarray(start, stop), this.#bytes.length)
    this.#bytes = longer
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

const noBytes = new Uint8Array(0)

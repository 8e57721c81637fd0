/**
 * Output buffers, used again once what is in them has been written. The one used last is handed out first: it is still
 * in the processor's cache. One pool serves all connections of a thread, so that an idle connection holds none.
 *
 * Long payloads have buffers of their own, of any length. Memory that the system has to give anew for each is dear (a
 * page fault every 4 KiB), so a few of those are kept as well.
 */
export class BufferPool {
  readonly bufferSize: number
  readonly #capacity: number
  readonly #longCapacity: number
  readonly #free: Uint8Array[] = []
  readonly #freeLong: Uint8Array[] = []
  #freeLongBytes = 0

  /** Keeps at most `capacity` buffers that nobody uses, and `longCapacity` bytes of long ones. */
  constructor(bufferSize: number = 64 * 1024, capacity = 64, longCapacity: number = 16 * 1024 * 1024) {
    this.bufferSize = bufferSize
    this.#capacity = capacity
    this.#longCapacity = longCapacity
  }

  acquire(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(this.bufferSize)
  }

  /** A buffer of at least `size` bytes, with anything in them, and of at most four times as many if it has been used before. */
  acquireLong(size: number): Uint8Array {
    const free = this.#freeLong
    for (let i = free.length - 1; i >= 0; i--) {
      const buffer = free[i]
      if (buffer.length < size || buffer.length > 4 * size) continue
      free.splice(i, 1)
      this.#freeLongBytes -= buffer.length
      return buffer
    }
    return uncleared(Math.max(size, this.bufferSize + 1))
  }

  release(buffer: Uint8Array): void {
    if (buffer.length === this.bufferSize) {
      if (this.#free.length < this.#capacity) this.#free.push(buffer)
      return
    }
    if (buffer.length > this.#longCapacity) return
    this.#freeLong.push(buffer)
    this.#freeLongBytes += buffer.length
    while (this.#freeLongBytes > this.#longCapacity) this.#freeLongBytes -= this.#freeLong.shift()!.length
  }
}

/** Memory that is about to be filled need not be cleared, where the platform has such. */
const uncleared: (length: number) => Uint8Array =
  (globalThis as { Buffer?: { allocUnsafeSlow(length: number): Uint8Array } }).Buffer?.allocUnsafeSlow ??
  ((length) => new Uint8Array(length))

/** The pool of this thread: connections that name no other share it. */
export const sharedBufferPool: BufferPool = new BufferPool()

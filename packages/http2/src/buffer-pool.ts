/**
 * Output buffers, used again once what is in them has been written. The one used last is handed out first: it is still
 * in the processor's cache. One pool serves all connections of a thread, so that an idle connection holds none.
 */
export class BufferPool {
  readonly bufferSize: number
  readonly #capacity: number
  readonly #free: Uint8Array[] = []

  /** Keeps at most `capacity` buffers that nobody uses. */
  constructor(bufferSize: number = 64 * 1024, capacity = 64) {
    this.bufferSize = bufferSize
    this.#capacity = capacity
  }

  acquire(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(this.bufferSize)
  }

  release(buffer: Uint8Array): void {
    if (this.#free.length < this.#capacity) this.#free.push(buffer)
  }
}

export const sharedBufferPool: BufferPool = new BufferPool()

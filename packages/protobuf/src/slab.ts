import type { ByteSink } from "./codec.js"
import { unclearedMemory } from "./uncleared-memory.js"
import type { Mark } from "./untransferable.js"
import { growInto } from "./wire/sink.js"

/** As much memory as Node's Buffer pool has. */
const SLAB_SIZE = 8192
/** So long a message may be to stay where it was written. */
const SHARED_MAX = 1024
/** What longer messages are copied to, eight of the longest at least: a message that is kept keeps no more than this. */
const COPIES_SIZE = 65_536
/** Still longer messages have memory of their own. */
const SHARED_COPY_MAX = 8192
/** What long messages are written to is kept for the next one up to here: so much memory the largest may hold. */
const KEPT_MAX = 1 << 20
/** From here on a value that is nearly all of its message is not copied a second time. */
const LARGE = 1 << 17
/** So few bytes a loop copies faster than a call does. */
const LOOP_MAX = 12

/**
 * Where `toBinary` writes. Short messages stay where they were written, one behind the other, and are handed out as views
 * of the slab: memory of its own would cost each of them more than its encoding. Longer ones are copied out, up to 8 KiB
 * behind one another as well, and so is what the rest of the slab was too short for. Only messages that are one large value are handed out in memory that the
 * sink grew into.
 */
export class Slab {
  readonly sink: ByteSink = { buffer: new Uint8Array(SLAB_SIZE), start: 0, limit: SLAB_SIZE }
  readonly #mark: Mark | undefined
  #bytes: Uint8Array = this.sink.buffer
  #memory: ArrayBufferLike = this.#bytes.buffer
  #kept: Uint8Array = new Uint8Array(0)
  #copies: Uint8Array = new Uint8Array(0)
  #copiesUsed = 0

  /** @param mark keeps memory that messages share in its thread; without it, they share none */
  constructor(mark: Mark | undefined) {
    this.#mark = mark
    mark?.(this.#memory)
    growInto(this.sink, (size, written) => this.#lend(size, written))
  }

  /** False when somebody has taken the memory away, by `ArrayBuffer.prototype.transfer`. */
  get usable(): boolean {
    return this.#bytes.length > 0
  }

  /** The message that was written from the sink's start to `end`; what is written later leaves it alone. */
  take(end: number): Uint8Array {
    const { buffer, start } = this.sink
    const length = end - start
    if (buffer !== this.#bytes) return this.#takeGrown(end)
    if (length > SHARED_MAX || this.#mark === undefined) return this.#copyOf(buffer, start, end)
    const message = new Uint8Array(this.#memory, start, length)
    // In steps of eight bytes, as in Node's pool: a message may be looked at as numbers.
    this.sink.start = (end + 7) & ~7
    // Encoders want some room to spare. Another message of this length would have to be copied out.
    if (SLAB_SIZE - end < 2 * length) this.#renew()
    return message
  }

  /** What the sink grows into. */
  #lend(size: number, written: number): Uint8Array {
    // A large value comes. The rest is for fields that may follow.
    if (size > LARGE && size > 8 * written) return unclearedMemory(size + (size >> 5))
    if (this.#kept.length >= size) return this.#kept
    const buffer = new Uint8Array(size)
    if (size <= KEPT_MAX) this.#kept = buffer
    return buffer
  }

  /** The same of a message that the slab was too short for. */
  #takeGrown(end: number): Uint8Array {
    const { sink } = this
    const { buffer, start } = sink
    const length = end - start
    if (length <= SHARED_MAX) this.#renew()
    else {
      sink.buffer = this.#bytes
      sink.limit = SLAB_SIZE
    }
    // What is handed out keeps all of its memory: an eighth of it may be unused, and no more.
    if (buffer === this.#kept || buffer.length - length > length >> 3) return this.#copyOf(buffer, start, end)
    buffer.fill(0, 0, start)
    buffer.fill(0, end)
    return new Uint8Array(buffer.buffer, start, length)
  }

  #copyOf(buffer: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start
    if (length <= SHARED_MAX || length > SHARED_COPY_MAX || this.#mark === undefined)
      return ownCopyOf(buffer, start, end)
    if (this.#copies.length - this.#copiesUsed < length) {
      this.#copies = new Uint8Array(COPIES_SIZE)
      this.#copiesUsed = 0
      this.#mark(this.#copies.buffer)
    }
    const copy = this.#copies.subarray(this.#copiesUsed, this.#copiesUsed + length)
    this.#copiesUsed = (this.#copiesUsed + length + 7) & ~7
    copy.set(buffer.subarray(start, end))
    return copy
  }

  #renew(): void {
    const { sink } = this
    this.#bytes = new Uint8Array(SLAB_SIZE)
    this.#memory = this.#bytes.buffer
    this.#mark?.(this.#memory)
    sink.buffer = this.#bytes
    sink.start = 0
    sink.limit = SLAB_SIZE
  }
}

function ownCopyOf(buffer: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start
  if (length > LOOP_MAX) return buffer.slice(start, end)
  const copy = new Uint8Array(length)
  for (let i = 0; i < length; i++) copy[i] = buffer[start + i]!
  return copy
}

import { type BufferPool, sharedBufferPool } from "./buffer-pool.js"
import { noBytes } from "./no-bytes.js"

/**
 * What waits to be written: frames in pooled buffers, and between them large payloads where their owners left them. A
 * batch is all that `take` finds; its buffers go back to the pool when `written` says that the batch has left.
 *
 *     buffer A: [ segment | segment ]   payload   buffer B: [ segment | open … offset )  room … length )
 */
export class Output {
  /** The open buffer; the next byte goes to `offset`, and `reserve` has seen to room behind it. */
  buffer: Uint8Array = noBytes
  offset = 0
  /** Bytes queued or taken, and not yet written. */
  pending = 0
  /** Answers to control frames among them: what a peer can make us pile up by not reading. */
  replies = 0
  /** What `take` was told of the newest batch that has been written. */
  framesWritten = 0

  readonly #pool: BufferPool
  readonly #onOutput: () => void
  #announced: boolean
  #start = 0
  #queued = 0
  #queuedReplies = 0
  #segments: Uint8Array[] = []
  #buffers: Uint8Array[] = []
  readonly #batches: Batch[] = []

  /** `onOutput` is called when there is something to take, once until `take`; not for what is queued before the first. */
  constructor(onOutput: () => void, pool: BufferPool = sharedBufferPool) {
    this.#onOutput = onOutput
    this.#announced = true
    this.#pool = pool
  }

  get isEmpty(): boolean {
    return this.#queued === 0
  }

  /** The most that `reserve` can be asked for. */
  get largestReservation(): number {
    return this.#pool.bufferSize
  }

  /** Makes `buffer[offset … offset + size)` writable. Nothing is queued until `commit`. */
  reserve(size: number): Uint8Array {
    if (this.offset + size > this.buffer.length) this.#nextBuffer()
    return this.buffer
  }

  /** Queues what was written from `offset` up to `stop`. */
  commit(stop: number): void {
    const size = stop - this.offset
    this.offset = stop
    this.#queued += size
    this.pending += size
    if (!this.#announced) this.announce()
  }

  /** Asks for a `take`, unless that has been done. */
  announce(): void {
    if (this.#announced) return
    this.#announced = true
    this.#onOutput()
  }

  /** `commit` of a frame that the peer made us send. */
  commitReply(stop: number): void {
    this.replies++
    this.#queuedReplies++
    this.commit(stop)
  }

  /** Copies bytes in, over as many buffers as they need. */
  copy(bytes: Uint8Array, start: number, stop: number): void {
    while (start < stop) {
      if (this.offset === this.buffer.length) this.#nextBuffer()
      const size = Math.min(stop - start, this.buffer.length - this.offset)
      copyBytes(bytes, start, start + size, this.buffer, this.offset)
      start += size
      this.commit(this.offset + size)
    }
  }

  /** Queues bytes as a segment of their own, uncopied: they must stay as they are until the batch has been written. */
  append(bytes: Uint8Array, start: number, stop: number): void {
    this.#seal()
    this.#segments.push(bytes.subarray(start, stop))
    this.#queued += stop - start
    this.pending += stop - start
  }

  /** Memory for a payload that no buffer of the output holds; `giveBack` takes it again. */
  longBuffer(size: number): Uint8Array {
    return this.#pool.acquireLong(size)
  }

  /** All of a long buffer is queued or has left: it goes back to the pool with what is queued now. */
  giveBack(buffer: Uint8Array): void {
    this.#buffers.push(buffer)
  }

  /** All that is queued, in order, as one batch. `frames`: how many frames that makes since the beginning. */
  take(frames = 0): Uint8Array[] {
    this.#announced = false
    if (this.#queued === 0) return nothing
    this.#seal()
    const segments = this.#segments
    this.#batches.push({ size: this.#queued, replies: this.#queuedReplies, frames, buffers: this.#buffers })
    this.#reset()
    return segments
  }

  /** Forgets all that is queued: it is not to be sent. A long buffer among it may be on its way in part: none is used again. */
  drop(): void {
    this.pending -= this.#queued
    this.replies -= this.#queuedReplies
    this.#reset()
  }

  /** The oldest batch taken has left: its buffers may be used again. */
  written(): void {
    const batch = this.#batches.shift()
    if (batch === undefined) return
    this.pending -= batch.size
    this.replies -= batch.replies
    this.framesWritten = batch.frames
    for (const buffer of batch.buffers) this.#pool.release(buffer)
  }

  #reset(): void {
    this.#segments = []
    this.#buffers = []
    this.#queued = 0
    this.#queuedReplies = 0
    this.buffer = noBytes
    this.offset = 0
    this.#start = 0
  }

  #seal(): void {
    if (this.offset > this.#start) this.#segments.push(this.buffer.subarray(this.#start, this.offset))
    this.#start = this.offset
  }

  #nextBuffer(): void {
    this.#seal()
    this.buffer = this.#pool.acquire()
    this.#buffers.push(this.buffer)
    this.offset = 0
    this.#start = 0
  }
}

interface Batch {
  readonly size: number
  readonly replies: number
  readonly frames: number
  readonly buffers: readonly Uint8Array[]
}

/** Making a view costs more than moving a few bytes one by one. */
function copyBytes(from: Uint8Array, start: number, stop: number, into: Uint8Array, at: number): void {
  if (stop - start <= 24) {
    while (start < stop) into[at++] = from[start++]
  } else {
    into.set(start === 0 && stop === from.length ? from : from.subarray(start, stop), at)
  }
}
const nothing: Uint8Array[] = []
Object.freeze(nothing)

import { ConnectionError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import type { HeaderBlock } from "./hpack/header-block.js"
import type { Limits } from "./limits.js"
import { type Stream, StreamFlag } from "./stream.js"
import { StreamState } from "./stream-state.js"

/**
 * How many handlers a server runs for one client. A stream that is reset frees its place only when its handler has
 * released it, so that opening and resetting starts no more handlers than there are places (CVE-2023-44487); streams
 * beyond wait here, with what came for them, and beyond four times the number the connection ends.
 */
export class Admission<Owner> {
  readonly #limits: Limits
  #occupied = 0
  #waiting: Waiting<Owner>[] = []

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Whether a stream is waiting that has a place now. */
  get due(): boolean {
    return this.#waiting.length > 0 && this.#occupied < this.#limits.maxConcurrentStreams
  }

  get occupied(): number {
    return this.#occupied
  }

  /** True: the stream has its place. False: it waits, and `next` will hand it out. */
  admit(stream: Stream<Owner>, block: HeaderBlock, end: boolean): boolean {
    if (this.#occupied < this.#limits.maxConcurrentStreams && this.#waiting.length === 0) {
      this.#occupy(stream)
      return true
    }
    if (this.#waiting.length >= 4 * this.#limits.maxConcurrentStreams) {
      throw new ConnectionError(
        ErrorCode.ENHANCE_YOUR_CALM,
        `${this.#waiting.length} streams wait for handlers of streams that were reset`,
      )
    }
    stream.flags |= StreamFlag.waiting
    this.#waiting.push({ stream, block, end, pieces: [], trailers: undefined })
    return false
  }

  /** The handler is done with the stream. */
  release(stream: Stream<Owner>): void {
    if ((stream.flags & StreamFlag.occupied) === 0) return
    stream.flags &= ~StreamFlag.occupied
    this.#occupied--
  }

  /** DATA for a stream that waits is kept, copied: at most its window, for its handler gives no credit. */
  keepData(stream: Stream<Owner>, bytes: Uint8Array, start: number, stop: number, end: boolean): void {
    const waiting = this.#find(stream)
    if (stop > start) waiting?.pieces.push(bytes.slice(start, stop))
    if (end && waiting !== undefined) waiting.end = true
  }

  keepTrailers(stream: Stream<Owner>, block: HeaderBlock): void {
    const waiting = this.#find(stream)
    if (waiting === undefined) return
    waiting.trailers = block
    waiting.end = true
  }

  /** The stream that has waited longest and is still alive; it has its place now. */
  next(): Waiting<Owner> | undefined {
    while (this.due) {
      const waiting = this.#waiting.shift()
      if (waiting === undefined || waiting.stream.phase === StreamState.closed) continue
      waiting.stream.flags &= ~StreamFlag.waiting
      this.#occupy(waiting.stream)
      return waiting
    }
    return undefined
  }

  #occupy(stream: Stream<Owner>): void {
    stream.flags |= StreamFlag.occupied
    this.#occupied++
  }

  #find(stream: Stream<Owner>): Waiting<Owner> | undefined {
    return this.#waiting.find((waiting) => waiting.stream === stream)
  }
}

/** A stream without a handler, and what has come for it. */
export interface Waiting<Owner> {
  readonly stream: Stream<Owner>
  readonly block: HeaderBlock
  /** The peer has ended its side. */
  end: boolean
  readonly pieces: Uint8Array[]
  trailers: HeaderBlock | undefined
}

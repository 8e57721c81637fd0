import { ConnectionError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import { grown } from "./grown.js"
import type { ConnectionHandler } from "./handler.js"
import type { HeaderBlock } from "./hpack/header-block.js"
import type { Limits } from "./limits.js"
import { noBytes } from "./no-bytes.js"
import { type Stream, StreamFlag } from "./stream.js"

/**
 * When the handlers of a client's streams start. A stream that is reset frees its place only when its handler has
 * released it, so that opening and resetting starts no more handlers than there are places (CVE-2023-44487). Streams
 * beyond wait here, with what came for them; when there are more than four times as many as there are places, the
 * connection ends.
 */
export class Admission<Owner> {
  readonly #limits: Limits
  /** How many handlers may run. */
  #places: number
  #occupied = 0
  /** In the order they came. One that is reset while it waits stays to be counted, with nothing of what came for it. */
  readonly #waiting = new Map<Stream<Owner>, Waiting<Owner> | undefined>()
  #waitingBytes = 0

  constructor(limits: Limits) {
    this.#limits = limits
    this.#places = limits.maxConcurrentStreams
  }

  /**
   * Another limit of streams is in force. Whatever it is, those that wait already get their turn, if one after another.
   * @returns whether one may start now
   */
  setPlaces(streamLimit: number): boolean {
    this.#places = Math.max(1, streamLimit)
    return this.due
  }

  /** Whether a stream is waiting that may start now. */
  get due(): boolean {
    return this.#waiting.size > 0 && this.#occupied < this.#places
  }

  get occupied(): number {
    return this.#occupied
  }

  /** Streams that wait, those that were reset meanwhile included; and bytes of DATA kept for them. */
  get waiting(): number {
    return this.#waiting.size
  }
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** True: the stream starts. False: it waits, and `next` will hand it out. */
  admit(stream: Stream<Owner>, block: HeaderBlock, end: boolean): boolean {
    if (this.#occupied < this.#places && this.#waiting.size === 0) {
      this.#occupy(stream)
      return true
    }
    stream.flags |= StreamFlag.waiting
    if (this.#waiting.size >= 4 * Math.max(this.#places, this.#limits.maxConcurrentStreams)) {
      throw new ConnectionError(
        ErrorCode.ENHANCE_YOUR_CALM,
        `${this.#waiting.size} streams wait for handlers of streams that were reset`,
      )
    }
    this.#waiting.set(stream, { stream, block, end, content: noBytes, length: 0, trailers: undefined })
    return false
  }

  /** The handler is done with the stream. */
  release(stream: Stream<Owner>): void {
    if ((stream.flags & StreamFlag.occupied) === 0) return
    stream.flags &= ~StreamFlag.occupied
    this.#occupied--
  }

  /**
   * DATA for a stream that waits and is still open is kept, copied: at most its window, for its handler gives no credit.
   * All of it is in one buffer, so that what tiny frames cost is what they bring.
   */
  keepData(stream: Stream<Owner>, bytes: Uint8Array, start: number, stop: number, end: boolean): void {
    const waiting = this.#waiting.get(stream)!
    const length = waiting.length + stop - start
    if (length > waiting.content.length) waiting.content = grown(waiting.content, waiting.length, 2 * length)
    waiting.content.set(bytes.subarray(start, stop), waiting.length)
    waiting.length = length
    waiting.end ||= end
    this.#waitingBytes += stop - start
  }

  /** The same for the trailers that end it. */
  keepTrailers(stream: Stream<Owner>, block: HeaderBlock): void {
    this.#waiting.get(stream)!.trailers = block
  }

  /** The stream was closed. If it waits, nothing is kept for it, and nobody will hear of it. */
  forget(stream: Stream<Owner>): void {
    const waiting = this.#waiting.get(stream)
    if (waiting === undefined) return
    this.#waitingBytes -= waiting.length
    this.#waiting.set(stream, undefined)
  }

  /** The stream that has waited longest and is still alive; it starts now. */
  next(): Waiting<Owner> | undefined {
    while (this.due) {
      for (const [stream, waiting] of this.#waiting) {
        this.#waiting.delete(stream)
        if (waiting === undefined) break
        this.#waitingBytes -= waiting.length
        stream.flags &= ~StreamFlag.waiting
        this.#occupy(stream)
        return waiting
      }
    }
    return undefined
  }

  #occupy(stream: Stream<Owner>): void {
    stream.flags |= StreamFlag.occupied
    this.#occupied++
  }
}

/** A stream without a handler, and what has come for it. */
interface Waiting<Owner> {
  readonly stream: Stream<Owner>
  readonly block: HeaderBlock
  /** The peer has ended its side, otherwise than by trailers. */
  end: boolean
  /** DATA, in its first `length` bytes. */
  content: Uint8Array
  length: number
  trailers: HeaderBlock | undefined
}

/**
 * Tells of a stream that has waited, and of what has come for it meanwhile: of a request that is whole also then when
 * its answer, given at once, has closed the stream.
 */
export function handOver<Owner>(waiting: Waiting<Owner>, handler: ConnectionHandler<Owner>): void {
  const { stream, block, end, content, length, trailers } = waiting
  handler.onHeaders(stream, "initial", block, end && length === 0)
  if (length > 0 && (stream.flags & StreamFlag.reset) === 0) {
    handler.onData(stream, content, 0, length, end)
  }
  if (trailers !== undefined && (stream.flags & StreamFlag.reset) === 0) {
    handler.onHeaders(stream, "trailers", trailers, true)
  }
}

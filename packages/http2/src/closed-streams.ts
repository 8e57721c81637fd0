/**
 * What has to be known of closed streams: those that we have reset, and those that were never opened. Only so much is
 * kept; in what was given up the peer gets the benefit of the doubt.
 */
export class ClosedStreams {
  readonly #capacity: number
  readonly #reset = new Set<number>()
  #forgotten = 0
  /** Ranges of ids that the peer has passed over, ends excluded: flat, oldest first. */
  readonly #skipped: number[] = []

  constructor(capacity = 1024) {
    this.#capacity = capacity
  }

  /** We have reset the stream: the peer may still be sending on it, and that is no fault (RFC 9113 §5.1, "closed"). */
  add(streamId: number): void {
    this.#reset.add(streamId)
    if (this.#reset.size <= this.#capacity) return
    for (const oldest of this.#reset) {
      this.#reset.delete(oldest)
      this.#forgotten = Math.max(this.#forgotten, oldest)
      break
    }
  }

  /** Whether frames on this closed stream are to be let pass without a word. */
  excuses(streamId: number): boolean {
    return streamId <= this.#forgotten || this.#reset.has(streamId)
  }

  /** The peer has opened `next` after `last`: ids in between can be used no more (RFC 9113 §5.1.1). */
  skip(last: number, next: number): void {
    if (next - last <= 2) return
    this.#skipped.push(last, next)
    if (this.#skipped.length > 2 * maxSkips) this.#skipped.splice(0, 2)
  }

  /** Whether this stream of the peer's was never opened, as a later one was opened instead. */
  wasSkipped(streamId: number): boolean {
    const skipped = this.#skipped
    for (let i = 0; i < skipped.length; i += 2) {
      if (skipped[i] < streamId && streamId < skipped[i + 1]) return true
    }
    return false
  }
}

/** Peers count by two; who leaves more gaps than this is told of the oldest as of streams that have been closed. */
const maxSkips = 32

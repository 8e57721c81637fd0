/**
 * Streams that we have reset: the peer may still be sending on them, and that is no fault of its (RFC 9113 §5.1,
 * "closed"). Only so many are kept; below the newest id given up everything is held to be one of them.
 */
export class ClosedStreams {
  readonly #capacity: number
  readonly #reset = new Set<number>()
  #forgotten = 0

  constructor(capacity = 1024) {
    this.#capacity = capacity
  }

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
}

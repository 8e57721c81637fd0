/**
 * How many bytes are under way at once on the path from the peer to us: its bandwidth multiplied by its delay. A PING goes
 * out as DATA comes in, and its answer tells how long a round trip takes and what it brought:
 *
 *     DATA ─────> PING ───────> (half a round trip) ───────> PING ACK
 *                  |<── DATA of one round trip is counted ──>|
 *
 * The bandwidth is the most that a round trip has brought, by its time; the delay is the shortest round trip. Neither
 * knows the other's faults: a queue on the path makes round trips longer, and a shut window makes them bring less.
 */
export class BandwidthEstimate {
  /** Bytes under way at once, as far as is known; zero until there is reason to believe it. */
  product = 0

  /** Bytes a millisecond, and milliseconds. */
  #bandwidth = 0
  #delay = Number.POSITIVE_INFINITY
  #samples = 0

  readonly #firstPing: number
  #sentAt = -1
  /** DATA since PING was sent, or else since the last one was answered. */
  #bytes = 0
  #bytesToPing: number
  #patience: number

  /** @param firstPing bytes of DATA that come before the first PING: who gets less has no use for an estimate */
  constructor(firstPing: number) {
    this.#firstPing = firstPing
    this.#bytesToPing = firstPing
    this.#patience = firstPing
  }

  /** DATA has come. True: PING is to be sent now, and `sent` to be called. */
  received(length: number): boolean {
    this.#bytes += length
    return this.#bytes >= this.#bytesToPing
  }

  sent(now: number): void {
    this.#sentAt = now
    this.#bytes = 0
    this.#bytesToPing = Number.POSITIVE_INFINITY
  }

  /** Whether a PING is under way. */
  get measuring(): boolean {
    return this.#sentAt >= 0
  }

  /** The PING has come back; `now` and that of `sent` in milliseconds. */
  answered(now: number): void {
    // Clocks that tell whole milliseconds know nothing below.
    const time = Math.max(1, now - this.#sentAt)
    this.#sentAt = -1
    this.#samples++
    this.#delay = Math.min(this.#delay, time)
    const bandwidth = this.#bytes / time
    const grows = bandwidth > this.#bandwidth * worthwhile
    if (grows) this.#bandwidth = bandwidth
    if (this.#isFar) this.product = this.#bandwidth * this.#delay
    // While round trips bring more and more they are measured one after another; else less and less often.
    this.#patience = grows ? this.#firstPing : this.#patience * 2
    this.#bytesToPing = grows || this.#samples < leastSamples ? 1 : this.#patience
    this.#bytes = 0
  }

  /**
   * Next door, and within one machine, no window is too small, and what looks like distance is a busy event loop. It must
   * have looked so in every one of several round trips, the more of them the shorter they are.
   */
  get #isFar(): boolean {
    const measured = this.#samples * this.#delay
    return this.#delay >= leastDelay && this.#samples >= leastSamples && measured >= leastMeasured
  }
}

/** A bandwidth that is not higher by a tenth is the same. */
const worthwhile = 1.1

const leastSamples = 2
/** Milliseconds of one round trip, and of all together. */
const leastDelay = 5
const leastMeasured = 50

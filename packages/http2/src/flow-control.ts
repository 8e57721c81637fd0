import { MAX_UINT31 } from "./frame/header.js"

/**
 * What we may still send: of one stream, or of the connection. RFC 9113 §6.9.2: it may go negative, when the peer lowers
 * SETTINGS_INITIAL_WINDOW_SIZE below what is already on its way; nothing is sent until it is above zero again.
 */
export class OutboundWindow {
  available: number

  constructor(size: number) {
    this.available = size
  }

  /** WINDOW_UPDATE, or the difference of two initial sizes. False: it would pass 2^31−1 (RFC 9113 §6.9.1). */
  grow(increment: number): boolean {
    const grown = this.available + increment
    if (grown > MAX_UINT31) return false
    this.available = grown
    return true
  }
}

/**
 * What the peer may still send. Credit is collected and announced once it makes up half of the window: one
 * WINDOW_UPDATE for many frames, and never so late that the peer would have to stop while we keep up.
 */
export class InboundWindow {
  /** The size that the peer was told. */
  size: number
  /** What of it the peer has not yet used. Negative after `resize` to less than what is outstanding. */
  available: number
  /** Taken by the receiver, not yet announced. */
  released: number
  /** Credit given beyond the size, for one large message; what is taken next pays it back before it counts again. */
  lent: number
  /** Half of the size that it began with: a window that has grown is not to hold back more. */
  #step: number

  constructor(size: number) {
    this.size = size
    this.available = size
    this.#step = size >>> 1
    this.released = 0
    this.lent = 0
  }

  /** Counts a DATA frame, padding included. False: the peer has sent more than it may. */
  receive(length: number): boolean {
    this.available -= length
    return this.available >= 0
  }

  /** Takes back credit for `length` bytes. The answer is the increment to announce now, or 0 to wait. */
  release(length: number): number {
    if (this.lent > 0) {
      const repaid = Math.min(this.lent, length)
      this.lent -= repaid
      length -= repaid
    }
    this.released += length
    if (this.released < this.#step) return 0
    const increment = this.released
    this.released = 0
    this.available += increment
    return increment
  }

  /** Received and not yet taken. */
  get held(): number {
    return this.size + this.lent - this.available - this.released
  }

  /** Lets `length` bytes come without waiting for credit. The answer is the increment to announce for it, or 0. */
  expect(length: number): number {
    const increment = Math.max(0, Math.min(length, MAX_UINT31) - this.available)
    this.lent += increment
    this.available += increment
    return increment
  }

  /** Makes a window larger that has reason to be. The answer is the increment to announce. */
  growTo(size: number): number {
    const increment = size - this.size
    this.size = size
    this.available += increment
    return increment
  }

  /**
   * Another initial size reaches back to the streams that are open, by the difference: RFC 9113 §6.9.2. The answer is the
   * increment to announce: what was held back may be all there is of a window that has become small.
   */
  resize(before: number, now: number): number {
    this.#step = now >>> 1
    this.available += now - before
    this.size += now - before
    return this.release(0)
  }
}

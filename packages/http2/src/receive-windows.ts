import { BandwidthEstimate } from "./bandwidth-estimate.js"
import { InboundWindow } from "./flow-control.js"
import type { Limits } from "./limits.js"

/**
 * The windows that we give the peer: the connection's, and those of its streams. They start small and grow to twice
 * what is under way at once, so that the peer need not stop for credit on a long path:
 *
 *  - the connection's at once, as nothing is kept on its account: its credit is given on receipt;
 *  - a stream's when its reader takes DATA and has little left to take. Only that gives it more; a stream that is new, or
 *    that nobody reads, has the window it was opened with;
 *  - and back again: while a reader has more before it than the first window, what it takes gives no credit until the
 *    window is what it was. What is kept for those who stand still is so never more than they had use for, and all
 *    streams together may grow by no more than `maxConnectionWindow`.
 */
export class ReceiveWindows {
  readonly connection: InboundWindow
  readonly estimate: BandwidthEstimate

  readonly #limits: Limits
  /** What a stream's window begins with, by our settings. */
  #first: number
  /** What a stream's window may grow to now. */
  #streamTarget: number
  /** What the windows of open streams have grown by, all together. */
  #grown = 0

  constructor(limits: Limits) {
    this.#limits = limits
    this.connection = new InboundWindow(limits.connectionWindow)
    this.#first = this.#streamTarget = limits.streamWindow
    this.estimate = new BandwidthEstimate(Math.max(leastInteresting, limits.streamWindow / 2))
  }

  /** Streams begin with this window from now on, and those that are open have been given or denied the difference. */
  begin(size: number): void {
    this.#first = size
    this.#streamTarget = Math.max(this.#streamTarget, size)
  }

  /** Whether windows can still become larger. */
  get mayGrow(): boolean {
    const { maxStreamWindow, maxConnectionWindow } = this.#limits
    return this.#streamTarget < maxStreamWindow || this.connection.size < maxConnectionWindow
  }

  /** There is a new estimate. The answer is the increment to announce for the connection, or 0. */
  adapt(): number {
    const { maxStreamWindow, maxConnectionWindow } = this.#limits
    if (this.estimate.product === 0) return 0
    // Credit that is collected, and not announced, is of no use to the peer: one window beside the two products.
    const wanted = Math.ceil(2 * this.estimate.product) + this.#first
    this.#streamTarget = Math.max(this.#streamTarget, Math.min(maxStreamWindow, wanted))
    // One stream alone must not be held up by the window that all of them share.
    const size = Math.min(maxConnectionWindow, 2 * wanted)
    return this.connection.growTo(Math.max(this.connection.size, size))
  }

  /** The reader of a stream has taken `length` bytes. The answer is the increment to announce for the stream, or 0. */
  release(window: InboundWindow, length: number): number {
    const first = this.#first
    if (this.#streamTarget === first) return window.release(length)
    const { held } = window
    if (held > first) {
      const less = Math.min(length, window.size - first)
      this.#grown -= less
      window.size -= less
      return window.release(length - less)
    }
    const increment = window.release(length)
    if (held > first / 2 || window.lent > 0) return increment
    const more = Math.min(this.#streamTarget - window.size, this.#limits.maxConnectionWindow - this.#grown)
    // Not for less than would be announced of its own accord.
    if (more < first / 2) return increment
    this.#grown += more
    return increment + window.growTo(window.size + more)
  }

  /** The stream is closed: others may grow in its place. */
  forget(window: InboundWindow): void {
    this.#grown -= Math.max(0, window.size - this.#first)
  }
}

/** A connection that has brought less than so many bytes has not been held up by any window. */
const leastInteresting = 64 * 1024

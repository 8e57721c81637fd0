import { ConnectionError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import type { Limits } from "./limits.js"

/** Counts what a peer can do within the rules to wear us down, and ends the connection when it is too much. */
export class AbuseGuard {
  readonly #limits: Limits
  readonly #rapidResets: Budget
  readonly #glitches: Budget
  #provokedResets = 0
  #emptyData = 0
  #streams = 0
  #priorities = 0
  #windowUpdates = 0

  constructor(limits: Limits) {
    this.#limits = limits
    this.#rapidResets = new Budget(limits.rapidResets, limits.rapidResetsPerSecond)
    this.#glitches = new Budget(limits.glitches, limits.glitchesPerSecond)
  }

  streamOpened(): void {
    this.#streams++
  }

  /** The peer has reset a stream. One that lived a while, or got something back, is an honest cancel. */
  peerReset(now: number, age: number, answered: boolean): void {
    if (answered || age >= honestAge) return
    if (!this.#rapidResets.take(now)) calm(`more than ${this.#limits.rapidResets} streams reset as soon as opened`)
  }

  /** A stream error of the peer's making, that we answer with RST_STREAM. */
  provokedReset(): void {
    if (++this.#provokedResets > this.#limits.maxProvokedResets) {
      calm(`more than ${this.#limits.maxProvokedResets} stream errors`)
    }
  }

  /** A frame that has no effect. */
  glitch(now: number): void {
    if (!this.#glitches.take(now)) calm("too many frames that mean nothing")
  }

  data(length: number, end: boolean): void {
    if (length > 0 || end) this.#emptyData = 0
    else if (++this.#emptyData > this.#limits.maxEmptyDataFrames) {
      calm(`more than ${this.#limits.maxEmptyDataFrames} empty DATA frames in a row`)
    }
  }

  priority(): void {
    if (++this.#priorities > this.#limits.priorityFramesPerStream * (1 + this.#streams))
      calm("too many PRIORITY frames")
  }

  /** A peer answers DATA with WINDOW_UPDATE, on two levels, and may open its windows at the start. */
  windowUpdate(dataFramesSent: number): void {
    const budget = windowUpdatesAtStart + 2 * (this.#streams + this.#limits.windowUpdatesPerDataFrame * dataFramesSent)
    if (++this.#windowUpdates > budget) calm("too many WINDOW_UPDATE frames")
  }

  unsentReplies(count: number): void {
    if (count > this.#limits.unsentControlClose) {
      calm(`more than ${this.#limits.unsentControlClose} answers to control frames wait unread`)
    }
  }
}

/** So many units, and so many more per second up to the same number. */
class Budget {
  readonly #capacity: number
  readonly #perSecond: number
  #left: number
  #filledAt = 0

  constructor(capacity: number, perSecond: number) {
    this.#capacity = capacity
    this.#perSecond = perSecond
    this.#left = capacity
  }

  take(now: number): boolean {
    const refill = ((now - this.#filledAt) * this.#perSecond) / 1000
    this.#left = Math.min(this.#capacity, this.#left + refill)
    this.#filledAt = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}

/** Milliseconds after which a reset is no longer a rapid one. */
const honestAge = 1000

const windowUpdatesAtStart = 100

function calm(message: string): never {
  throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, message)
}

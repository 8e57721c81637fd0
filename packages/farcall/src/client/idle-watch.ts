import type { Clock, Timer } from "../core/clock.js"

/** In how many parts the timeout is watched, so that a call costs no timer: it is found out by so much later at most. */
const PARTS = 4

/** Finds out when a channel has been without a new call for long, from `start` until `stop`. */
export class IdleWatch {
  private readonly clock: Clock
  private readonly timeoutMs: number
  private readonly busy: () => boolean
  private readonly onIdle: () => void
  /** How many parts have ended since the last call. */
  private quietParts = 0
  private timer: Timer | undefined = undefined

  /**
   * @param timeoutMs `Infinity`: it is never idle
   * @param busy whether calls wait
   */
  constructor(clock: Clock, timeoutMs: number, busy: () => boolean, onIdle: () => void) {
    this.clock = clock
    this.timeoutMs = timeoutMs
    this.busy = busy
    this.onIdle = onIdle
  }

  /** There is a call. */
  stir(): void {
    this.quietParts = 0
  }

  start(): void {
    this.quietParts = 0
    this.watch()
  }

  stop(): void {
    this.timer?.cancel()
  }

  private watch(): void {
    if (this.timeoutMs === Number.POSITIVE_INFINITY) return
    this.timer = this.clock.after(this.timeoutMs / PARTS, () => {
      this.quietParts = this.busy() ? 0 : this.quietParts + 1
      if (this.quietParts > PARTS) this.onIdle()
      else this.watch()
    })
  }
}

import type { Clock } from "farcall"
import { systemClock, type Timer } from "../../../packages/farcall/dist/core/clock.js"

/** Real time that goes by `speed` times as fast, and knows what is left on it. */
export class FastClock implements Clock {
  pending = 0
  holds = 0
  readonly soon: (task: () => void) => void = systemClock.soon
  readonly defer: (task: () => void) => void = systemClock.defer
  private readonly speed: number

  constructor(speed: number) {
    this.speed = speed
  }

  now(): number {
    return systemClock.now() * this.speed
  }

  wallNow(): number {
    return systemClock.wallNow()
  }

  after(ms: number, task: () => void): Timer {
    this.pending++
    let waiting = true
    const over = (): boolean => {
      if (!waiting) return false
      waiting = false
      this.pending--
      return true
    }
    const timer = systemClock.after(ms / this.speed, () => over() && task())
    return { cancel: () => over() && timer.cancel() }
  }

  hold(): Timer {
    this.holds++
    const hold = systemClock.hold()
    return {
      cancel: () => {
        this.holds--
        hold.cancel()
      },
    }
  }

  pass(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms / this.speed))
  }
}

import type { Clock, Timer } from "farcall"
import { systemClock } from "../../../packages/farcall/dist/core/clock.js"

const TICK_MS = 2

/**
 * The most that one tick counts for: when the process does not get to run, its clock stands still, and no deadline passes
 * that its calls had no time for.
 */
const LONGEST_TICK_MS = 5

/** Time that goes by `speed` times as fast as real time, and knows what is left on it. */
export class FastClock implements Clock {
  holds = 0
  readonly soon: (task: () => void) => void = systemClock.soon
  readonly defer: (task: () => void) => void = systemClock.defer
  private readonly speed: number
  private readonly timers = new Set<FastTimer>()
  private readonly ticker: NodeJS.Timeout
  private time = 0
  private tickedAt = systemClock.now()

  constructor(speed: number) {
    this.speed = speed
    this.ticker = setInterval(() => this.tick(), TICK_MS)
  }

  now(): number {
    return this.time
  }

  wallNow(): number {
    return systemClock.wallNow()
  }

  after(ms: number, task: () => void): Timer {
    const timer: FastTimer = { at: this.time + ms, task, cancel: () => void this.timers.delete(timer) }
    this.timers.add(timer)
    return timer
  }

  hold(): Timer {
    this.holds++
    return { cancel: () => void this.holds-- }
  }

  /** How many timers are running. */
  get pending(): number {
    return this.timers.size
  }

  pass(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve))
  }

  stop(): void {
    clearInterval(this.ticker)
  }

  private tick(): void {
    const now = systemClock.now()
    this.time += Math.min(now - this.tickedAt, LONGEST_TICK_MS) * this.speed
    this.tickedAt = now
    const due = [...this.timers].filter(({ at }) => at <= this.time).sort((a, b) => a.at - b.at)
    for (const timer of due) if (this.timers.delete(timer)) timer.task()
  }
}

interface FastTimer extends Timer {
  readonly at: number
  readonly task: () => void
}

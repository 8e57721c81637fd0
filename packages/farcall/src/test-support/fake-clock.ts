import type { Clock, Timer } from "../core/clock.js"

/** A clock that stands still until it is told to go on. Turns of the event loop are real: they take none of its time. */
export class FakeClock implements Clock {
  private time = 0
  private timers: FakeTimer[] = []
  private made = 0

  now(): number {
    return this.time
  }

  wallNow(): number {
    return Date.UTC(2030, 0, 1) + this.time
  }

  after(ms: number, task: () => void): Timer {
    const timer: FakeTimer = {
      at: this.time + Math.max(0, ms),
      order: this.made++,
      task,
      cancel: () => {
        this.timers = this.timers.filter((other) => other !== timer)
      },
    }
    this.timers.push(timer)
    return timer
  }

  /** How many hold the process. */
  holds = 0

  hold(): Timer {
    this.holds++
    return { cancel: () => void this.holds-- }
  }

  soon(task: () => void): void {
    process.nextTick(task)
  }

  defer(task: () => void): void {
    setImmediate(task)
  }

  /** How many timers are running. */
  get pending(): number {
    return this.timers.length
  }

  /** Goes on by `ms` milliseconds: runs what falls due in order, each followed by all that it brings about. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms
    await settled()
    for (let next = this.earliest(); next !== undefined && next.at <= until; next = this.earliest()) {
      next.cancel()
      this.time = next.at
      next.task()
      await settled()
    }
    this.time = until
  }

  private earliest(): FakeTimer | undefined {
    return this.timers.toSorted((a, b) => a.at - b.at || a.order - b.order)[0]
  }
}

interface FakeTimer extends Timer {
  readonly at: number
  readonly order: number
  readonly task: () => void
}

/** Resolves when promises, ticks and immediates that wait now have run, with those that they lead to at once. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/**
 * Where everything above the HTTP/2 engine takes its time from. One is injected into every channel and server, so that
 * a virtual clock can run all of it; no other file reads real time (the linter forbids it).
 */
export interface Clock {
  /** Monotonic milliseconds, from an origin of the clock's own. */
  now(): number
  /** The wall clock in milliseconds since 1970: only to show instants to people. */
  wallNow(): number
  /** Runs `task` once, `ms` milliseconds from now; an end of the process is not held up by it. */
  after(ms: number, task: () => void): Timer
  /** Runs `task` when the current turn's promise reactions are done, before any I/O. */
  soon(task: () => void): void
  /** Runs `task` after the I/O events of this turn of the event loop. */
  defer(task: () => void): void
}

export interface Timer {
  cancel(): void
}

/** The longest delay that a host timer takes; one above it would fire at once (checklist point 3). */
const LONGEST_DELAY = 2 ** 31 - 1

/** Real time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  after: (ms, task) => new SystemTimer(ms, task),
  soon: (task) => process.nextTick(task),
  defer: (task) => {
    setImmediate(task)
  },
}

class SystemTimer implements Timer {
  private handle: NodeJS.Timeout | undefined
  private remaining: number
  private readonly task: () => void

  constructor(ms: number, task: () => void) {
    this.remaining = ms
    this.task = task
    this.arm()
  }

  cancel(): void {
    clearTimeout(this.handle)
    this.handle = undefined
  }

  /** A delay above the host's longest is waited out in pieces. */
  private arm(): void {
    const delay = Math.min(Math.max(0, this.remaining), LONGEST_DELAY)
    this.remaining -= delay
    this.handle = setTimeout(() => (this.remaining > 0 ? this.arm() : this.task()), delay)
    this.handle.unref()
  }
}

/**
 * Where everything above the HTTP/2 engine takes its time from. One is injected into every channel and server, so that
 * a virtual clock can run all of it; no other file reads real time (`npm run check` sees to it).
 */
export interface Clock {
  /** Monotonic milliseconds, from an origin of the clock's own. */
  now(): number
  /** The wall clock in milliseconds since 1970: only to show instants to people. */
  wallNow(): number
  /** Runs `task` once, `ms` milliseconds from now; an end of the process is not held up by it. */
  after(ms: number, task: () => void): Timer
  /** Keeps the process from ending until it is cancelled. */
  hold(): Timer
  /** Runs `task` when the current turn's promise reactions are done, before any I/O. */
  soon(task: () => void): void
  /** Runs `task` after the I/O events of this turn of the event loop. */
  defer(task: () => void): void
}

/** What runs later, until it is cancelled. */
export interface Timer {
  cancel(): void
}

/** Resolves once the I/O of this turn of the event loop has been attended to. */
export function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.defer(resolve))
}

/** What hosts have for time: all of them the first lines, Node the others as well. */
interface Host {
  readonly performance: { now(): number }
  setTimeout(task: () => void, ms: number): HostTimer
  clearTimeout(timer: HostTimer | undefined): void
  setInterval(task: () => void, ms: number): HostTimer
  clearInterval(timer: HostTimer): void
  queueMicrotask(task: () => void): void
  readonly setImmediate?: (task: () => void) => void
  readonly process?: { readonly nextTick?: (task: () => void) => void }
}

/** A number in browsers; in Node an object that can be told not to keep the process alive. */
type HostTimer = number | { unref?(): void }

const host = globalThis as unknown as Host

/** The longest delay that a host timer takes; one above it would fire at once (checklist point 3). */
const LONGEST_DELAY = 2 ** 31 - 1

/** Real time. */
export const systemClock: Clock = {
  now: () => host.performance.now(),
  wallNow: () => Date.now(),
  after: (ms, task) => new SystemTimer(ms, task),
  hold: () => {
    const handle = host.setInterval(() => {}, LONGEST_DELAY)
    return { cancel: () => host.clearInterval(handle) }
  },
  soon: host.process?.nextTick ?? host.queueMicrotask,
  defer: host.setImmediate ?? ((task) => void host.setTimeout(task, 0)),
}

class SystemTimer implements Timer {
  private handle: HostTimer | undefined = undefined
  private remaining: number
  private readonly task: () => void

  constructor(ms: number, task: () => void) {
    this.remaining = ms
    this.task = task
    this.arm()
  }

  cancel(): void {
    host.clearTimeout(this.handle)
    this.handle = undefined
  }

  /** A delay above the host's longest is waited out in pieces. */
  private arm(): void {
    const delay = Math.min(Math.max(0, this.remaining), LONGEST_DELAY)
    this.remaining -= delay
    this.handle = host.setTimeout(() => (this.remaining > 0 ? this.arm() : this.task()), delay)
    if (typeof this.handle === "object") this.handle.unref?.()
  }
}

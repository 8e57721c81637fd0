import { StatusError } from "../core/status-error.js"
import type { Admission } from "./admission.js"

/** How many calls may run at once, and how many may wait for that. */
export interface CallBounds {
  /** From 1. */
  readonly maxRunningCalls: number
  /** From 0. */
  readonly maxQueuedCalls: number
}

/**
 * Lets so many calls run at once; others wait, in the order in which they came, and beyond those that may wait they are
 * turned away.
 */
export class CallGate {
  /** What passes here, for the text of errors: `calls of /pkg.Service/Method`. */
  private readonly what: string
  private readonly bounds: CallBounds
  private running = 0
  private waiting = 0
  private first: Admission | undefined = undefined
  private last: Admission | undefined = undefined
  private admitting = false

  constructor(what: string, bounds: CallBounds) {
    this.what = what
    this.bounds = bounds
  }

  /** Takes a place among those that run; false when there is none. Nobody overtakes those that wait. */
  enter(): boolean {
    if (this.running >= this.bounds.maxRunningCalls || this.waiting > 0) return false
    this.running++
    return true
  }

  /** Waits for a place: `admission.onEntered` tells of it. Returns why it may not wait. */
  wait(admission: Admission): StatusError | undefined {
    if (this.waiting >= this.bounds.maxQueuedCalls) {
      const full = `${this.running} ${this.what} are running (the limit) and ${this.waiting} wait (maxQueuedCalls)`
      return new StatusError("RESOURCE_EXHAUSTED", full, { reason: "FARCALL_TOO_MANY_CALLS" })
    }
    admission.before = this.last
    admission.after = undefined
    if (this.last === undefined) this.first = admission
    else this.last.after = admission
    this.last = admission
    this.waiting++
    return undefined
  }

  /** One that waits does so no longer. */
  withdraw({ before, after }: Admission): void {
    if (before === undefined) this.first = after
    else before.after = after
    if (after === undefined) this.last = before
    else after.before = before
    this.waiting--
  }

  /** One that ran is over: whoever has waited longest takes its place. */
  leave(): void {
    this.running--
    // A call may be over before `onEntered` returns: the loop that runs already goes on, so that no stack grows.
    if (this.admitting) return
    this.admitting = true
    while (this.first !== undefined && this.running < this.bounds.maxRunningCalls) {
      const next = this.first
      this.withdraw(next)
      this.running++
      next.onEntered()
    }
    this.admitting = false
  }
}

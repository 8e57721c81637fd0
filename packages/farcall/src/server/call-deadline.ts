import type { Clock } from "../core/clock.js"
import { type DeadlineQueue, deadlinesOf, type Expiring } from "../core/deadline.js"

/** Who has a deadline. */
export interface Bounded {
  onDeadline(): void
}

/** The deadline of a call that has one. */
export class CallDeadline implements Expiring {
  readonly deadline: number
  deadlineSlot = -1
  private readonly call: Bounded
  private readonly queue: DeadlineQueue

  constructor(clock: Clock, timeoutMs: number, call: Bounded) {
    this.deadline = clock.now() + timeoutMs
    this.call = call
    this.queue = deadlinesOf(clock)
  }

  /** From now on the call is told. */
  start(): void {
    this.queue.add(this)
  }

  stop(): void {
    this.queue.remove(this)
  }

  onDeadline(): void {
    this.call.onDeadline()
  }
}

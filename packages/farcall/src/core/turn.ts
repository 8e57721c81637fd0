import type { Clock } from "./clock.js"

/**
 * A turn of the event loop, as calls are timed by it: the clock is read when it begins to be looked at and when it is over,
 * however many calls begin and end in it. Requests and responses leave at its end and not before (one write a turn), so that
 * calls last from the wire to the wire: a handler that computes delays all that is in its turn, and all of them show it.
 */
export class Turn {
  /** When it was first asked for, by its clock's `now`. */
  readonly begunAt: number
  /** When it was over; `undefined`: it is not yet. */
  endedAt: number | undefined = undefined
  readonly clock: Clock
  private readonly tasks: ((at: number) => void)[] = []

  constructor(clock: Clock) {
    this.clock = clock
    this.begunAt = clock.now()
    clock.soon(() => this.end())
  }

  /** Runs `task`, which is not to throw, when the turn is over. */
  whenOver(task: (at: number) => void): void {
    this.tasks.push(task)
  }

  private end(): void {
    const at = this.clock.now()
    this.endedAt = at
    for (const task of this.tasks) task(at)
  }
}

/** The one that was asked for last: there is mostly one clock. */
let last: Turn | undefined

/** The turn that is running. */
export function currentTurn(clock: Clock): Turn {
  if (last !== undefined && last.endedAt === undefined && last.clock === clock) return last
  return (last = new Turn(clock))
}

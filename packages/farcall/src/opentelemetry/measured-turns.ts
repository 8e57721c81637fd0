import type { Clock } from "../core/clock.js"

/** What has ended in a turn, and is measured when the turn is over. */
export interface EndedInTurn {
  /** @param at when the turn was over, by its clock's `now` */
  measure(at: number): void
}

/**
 * A turn of the event loop, as calls are measured by it: the clock is read once, when the turn is over, however many calls
 * begin and end in it. Requests and responses leave then and not before (one write a turn), so that calls last from the
 * wire to the wire: a handler that computes delays all that is in its turn, and all of them show it.
 */
export class MeasuredTurn {
  /** When it was over, by its clock's `now`; `undefined`: it is not yet. */
  endedAt: number | undefined = undefined
  readonly clock: Clock
  private readonly onError: (error: unknown) => void
  private ended: EndedInTurn[] = []

  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.clock = clock
    this.onError = onError
    clock.soon(() => this.end())
  }

  add(call: EndedInTurn): void {
    this.ended.push(call)
  }

  private end(): void {
    const at = this.clock.now()
    this.endedAt = at
    const { ended } = this
    this.ended = []
    for (const call of ended) {
      try {
        call.measure(at)
      } catch (error) {
        this.onError(error)
      }
    }
  }
}

/** The turns of a tracer's calls. */
export class MeasuredTurns {
  private readonly onError: (error: unknown) => void
  private last: MeasuredTurn | undefined = undefined

  /** @param onError told what measuring has thrown */
  constructor(onError: (error: unknown) => void) {
    this.onError = onError
  }

  /** The turn that is running. */
  current(clock: Clock): MeasuredTurn {
    const { last } = this
    if (last !== undefined && last.endedAt === undefined && last.clock === clock) return last
    return (this.last = new MeasuredTurn(clock, this.onError))
  }
}

import type { Clock } from "./clock.js"
import { observed } from "./observation.js"

/** How many calls there were. */
export interface CallTally {
  readonly started: number
  /** They ended OK. */
  readonly succeeded: number
  readonly failed: number
  /** When the last one started, by the clock of who counts; `NaN`: never, as far as is known. */
  readonly lastStartedAt: number
}

/** Counts calls: always, for it costs next to nothing. The time is taken only while somebody may look. */
export class CallCounts implements CallTally {
  started = 0
  succeeded = 0
  failed = 0
  lastStartedAt: number = Number.NaN

  start(clock: Clock): void {
    this.started++
    if (observed) this.lastStartedAt = clock.now()
  }

  end(ok: boolean): void {
    if (ok) this.succeeded++
    else this.failed++
  }

  /** Takes in what others have counted. */
  add({ started, succeeded, failed, lastStartedAt }: CallTally): void {
    this.started += started
    this.succeeded += succeeded
    this.failed += failed
    this.lastStartedAt = later(this.lastStartedAt, lastStartedAt)
  }
}

export const noCalls: CallTally = new CallCounts()

/** What all of them have counted together. */
export function sumOfCalls(tallies: Iterable<CallTally>): CallTally {
  const sum = new CallCounts()
  for (const tally of tallies) sum.add(tally)
  return sum
}

/** `NaN` stands for never. */
function later(a: number, b: number): number {
  return a > b || Number.isNaN(b) ? a : b
}

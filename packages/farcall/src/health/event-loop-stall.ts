import { checkOptions, type KnownOptions } from "../core/known-options.js"
import { optionOutOfRange } from "../core/reason.js"
import type { Probe } from "./probe.js"

/** When the event loop counts as stalled. */
export interface EventLoopStallOptions {
  /** How long the event loop may be held up, in milliseconds, by one thing that computes. Default 1,000. */
  readonly maxMs?: number | undefined
  /** How often it is looked at, in milliseconds. Default 500. */
  readonly intervalMs?: number | undefined
  /** How many looks in a row must be in time after one that was not. Default 10. */
  readonly recoverAfter?: number | undefined
}

const stallOptions: KnownOptions<EventLoopStallOptions> = {
  maxMs: "number",
  intervalMs: "number",
  recoverAfter: "number",
}

/**
 * A probe that is unwell after the event loop stood still: a handler computes for so long that everyone else waits.
 * @throws RangeError for a time that is not above 0
 */
export function eventLoopStall(options: EventLoopStallOptions = {}): Probe {
  checkOptions("eventLoopStall", options, stallOptions)
  const { maxMs = 1_000, intervalMs = 500, recoverAfter = 10 } = options
  if (!(maxMs > 0)) throw optionOutOfRange(`eventLoopStall: maxMs is ${maxMs}, and must be above 0`)
  return {
    check: ({ lateMs }) => {
      if (lateMs > maxMs)
        throw new Error(`the event loop stood still for ${Math.round(lateMs)} ms, the limit is ${maxMs}`)
    },
    intervalMs,
    recoverAfter,
  }
}

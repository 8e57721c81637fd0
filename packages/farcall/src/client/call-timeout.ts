import type { Clock } from "../core/clock.js"
import { badOption } from "../core/reason.js"
import type { CallOptions } from "./call-options.js"

/**
 * Milliseconds that a call may take by its options, `Infinity` without a limit.
 * @throws TypeError for a timeout that is no number, or a deadline that is no instant
 */
export function timeoutOf(options: CallOptions, clock: Clock): number {
  let timeoutMs = options.timeoutMs ?? Number.POSITIVE_INFINITY
  if (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs)) {
    throw badOption(`timeoutMs must be a number of milliseconds, not ${String(timeoutMs)}`)
  }
  if (options.deadline !== undefined) {
    const { deadline } = options
    const instant = deadline instanceof Date ? deadline.getTime() : deadline
    if (typeof instant !== "number" || Number.isNaN(instant)) {
      throw badOption(`deadline must be a valid Date, or milliseconds since 1970, not ${String(deadline)}`)
    }
    timeoutMs = Math.min(timeoutMs, instant - clock.wallNow())
  }
  if (options.parent === undefined) return timeoutMs
  const { remainingMs } = options.parent
  if (typeof remainingMs !== "number") throw badOption("parent must be the context of a handler")
  return Math.min(timeoutMs, remainingMs)
}

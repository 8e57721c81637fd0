import type { Entity } from "../core/entity.js"
import { limits } from "../core/limits.js"
import { StatusError } from "../core/status-error.js"

export interface Page<View> {
  readonly views: readonly View[]
  /** There are no more. */
  readonly end: boolean
}

/**
 * Those with the id `start` or a greater one, at most `maxResults`; 0: as many as a page holds.
 * @param all in the order of their ids
 * @throws StatusError INVALID_ARGUMENT for a number below 0
 */
export function pageOf<View extends { readonly entity: Entity }>(
  all: Iterable<View>,
  start: bigint,
  maxResults: bigint,
): Page<View> {
  if (start < 0n) throw new StatusError("INVALID_ARGUMENT", `the page is to start at ${start}, and ids are above 0`)
  if (maxResults < 0n)
    throw new StatusError("INVALID_ARGUMENT", `max_results is ${maxResults}, and must not be below 0`)
  const most = maxResults === 0n ? limits.channelzPage : Number(maxResults)
  const size = Math.min(most, limits.channelzPage)
  const views: View[] = []
  for (const view of all) {
    if (view.entity.id < start) continue
    if (views.length === size) return { views, end: false }
    views.push(view)
  }
  return { views, end: true }
}

import { getHeapStatistics } from "node:v8"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import { optionOutOfRange } from "../core/reason.js"
import type { Probe } from "./probe.js"

/** When memory counts as short. */
export interface MemoryPressureOptions {
  /** How much of what V8 allows (`--max-old-space-size`) may be in use, as a part of 1. Default 0.9. */
  readonly maxHeap?: number | undefined
  /** How much memory the process may have in all, in bytes. Default: as much as it gets. */
  readonly maxRss?: number | undefined
  /** How often it is looked at, in milliseconds. Default 5,000. */
  readonly intervalMs?: number | undefined
}

const pressureOptions: KnownOptions<MemoryPressureOptions> = {
  maxHeap: "number",
  maxRss: "number",
  intervalMs: "number",
}

/**
 * A probe that is unwell while memory runs short: better to be left alone for a while than to be killed amid calls.
 * @throws RangeError for a part that is not from 0 to 1, or bytes that are not above 0
 */
export function memoryPressure(options: MemoryPressureOptions = {}): Probe {
  checkOptions("memoryPressure", options, pressureOptions)
  const { maxHeap = 0.9, maxRss = Number.POSITIVE_INFINITY, intervalMs = 5_000 } = options
  if (!(maxHeap > 0 && maxHeap <= 1)) {
    throw optionOutOfRange(`memoryPressure: maxHeap is ${maxHeap}, and must be above 0, and 1 at the most`)
  }
  if (!(maxRss > 0)) throw optionOutOfRange(`memoryPressure: maxRss is ${maxRss}, and must be above 0`)
  return {
    check: () => {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
      if (used > maxHeap * limit)
        throw new Error(`the heap has ${used} bytes of ${limit}, the limit is ${maxHeap} of them`)
      if (maxRss === Number.POSITIVE_INFINITY) return
      const rss = process.memoryUsage.rss()
      if (rss > maxRss) throw new Error(`the process has ${rss} bytes of memory, the limit is ${maxRss}`)
    },
    intervalMs,
  }
}

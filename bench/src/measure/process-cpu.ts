import { readFileSync } from "node:fs"

/**
 * What a process has used of CPU, in user and in kernel mode, all its threads together, in microseconds; with its children,
 * those that have ended.
 */
export function processCpuMicros(pid: number, { withChildren = false }: { withChildren?: boolean } = {}): number {
  // proc(5): the command's name stands in brackets and may hold anything; utime is field 14, stime field 15, and the same
  // of children that have been waited for follow.
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  const ticks = fields.slice(11, withChildren ? 15 : 13)
  return ticks.reduce((sum, field) => sum + Number(field), 0) * MICROS_PER_TICK
}

/** USER_HZ, in which the kernel shows times to programs, is 100 on every Linux that Node runs on. */
const MICROS_PER_TICK = 10_000

/** The memory of a process that is in RAM, in bytes. */
export function processResidentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no VmRSS`)
  return Number(kilobytes) * 1024
}

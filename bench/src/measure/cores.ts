import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"

/** Which core serves and which one loads. */
export interface Cores {
  readonly server: number
  readonly load: number
}

/**
 * The first two cores this process may run on.
 * @throws Error when there are not two, or when no `taskset` is there to pin anything to them
 */
export function pickCores(): Cores {
  if (process.platform !== "linux")
    throw new Error("the benchmark reads /proc and pins to cores: it runs on Linux only")
  if (spawnSync("taskset", ["--version"]).error !== undefined) {
    throw new Error("taskset is missing: it comes with util-linux (apt-get install util-linux)")
  }
  const allowed = allowedCores()
  if (allowed.length < 2) throw new Error(`the benchmark needs two cores, and may use ${allowed.length}`)
  return { server: allowed[0]!, load: allowed[1]! }
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0"
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number) as [number, number?]
    return Array.from({ length: last! - first + 1 }, (_, offset) => first + offset)
  })
}

import type { StartReport } from "./start-report.js"

const { userCPUTime, systemCPUTime } = process.resourceUsage()
const cpuMicros = userCPUTime + systemCPUTime
const rss = resident()
const report: StartReport = { cpuMicros, callingMicros: cpuMicros, importedBytes: rss, callingBytes: rss }
console.log(JSON.stringify(report))

function resident(): number {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8")
  // Not by the command line: under other flags than its own Node compiles its modules anew, which is no program's start.
  setFlagsFromString("--expose-gc")
  process.getBuiltinModule("node:vm").runInNewContext("gc")()
  setFlagsFromString("--no-expose-gc")
  return process.memoryUsage().rss
}

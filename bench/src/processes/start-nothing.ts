import type { StartReport } from "./start-report.js"

const { userCPUTime, systemCPUTime } = process.resourceUsage()
globalThis.gc?.()
const { rss } = process.memoryUsage()
const report: StartReport = { cpuMicros: userCPUTime + systemCPUTime, importedBytes: rss, callingBytes: rss }
console.log(JSON.stringify(report))

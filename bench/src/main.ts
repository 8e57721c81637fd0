import { parseArgs } from "node:util"
import { pickCores } from "./measure/cores.js"
import type { Figure } from "./measure/figure.js"
import { Progress } from "./report/progress.js"
import { writeResults } from "./report/results-file.js"
import { formatTable, reached } from "./report/table.js"
import { workloads } from "./workloads/all.js"

const { values: flags } = parseArgs({
  options: { only: { type: "string", multiple: true }, quick: { type: "boolean", default: false } },
})
const unknown = flags.only?.filter((name) => !workloads.some((workload) => workload.name === name)) ?? []
if (unknown.length > 0) {
  console.error(`no workload ${unknown.join(", ")}: there are ${workloads.map(({ name }) => name).join(", ")}`)
  process.exit(2)
}

const settings = flags.quick ? { runs: 3, seconds: 0.5 } : { runs: 5, seconds: 2 }
const progress = new Progress()
const figures: Figure[] = []
const failures: string[] = []
/** What was not measured, and how to get what it needs. */
const skipped = new Map<string, string>()
const cores = pickCores()
for (const workload of workloads) {
  if (flags.only !== undefined && !flags.only.includes(workload.name)) continue
  try {
    const skip = (what: string, howToGetIt: string): void => {
      skipped.set(what, howToGetIt)
    }
    figures.push(...(await workload.run({ cores, ...settings, progress: (text) => progress.say(text), skip })))
  } catch (error) {
    failures.push(`${workload.title}: ${error instanceof Error ? error.message : error}`)
  }
}
progress.done()

if (figures.length > 0) {
  console.log(formatTable(figures))
  const withGoal = figures.filter((figure) => figure.goal !== undefined)
  const path = await writeResults(figures, settings)
  console.log(
    `\n${withGoal.filter(reached).length} of ${withGoal.length} goals reached. Server on core ${cores.server}, load on ` +
      `core ${cores.load}; medians of ${settings.runs} runs in turns.\n${path}`,
  )
}
for (const [what, howToGetIt] of skipped)
  console.error(`SKIPPED ${what}: not installed here. To measure it: ${howToGetIt}`)
for (const failure of failures) console.error(`✗ ${failure}`)
if (failures.length > 0) process.exitCode = 1

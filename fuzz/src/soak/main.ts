import { parseArgs } from "node:util"
import { soak } from "./soak.js"

const { values } = parseArgs({ options: { minutes: { type: "string", default: "2" }, seed: { type: "string" } } })
const minutes = Number(values.minutes)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error("--minutes and --seed are numbers")
  process.exit(2)
}

console.log(`soaking for ${minutes} min, seed ${seed}`)
const { lines, faults } = await soak(minutes * 60_000, seed)
for (const line of lines) console.log(line)
for (const fault of faults.slice(0, 20)) console.error(`✗ ${fault}`)
if (faults.length > 0) {
  console.error(`✗ ${faults.length} faults, seed ${seed}`)
  process.exitCode = 1
} else console.log("✓ every call ended in one status, all that was sent was received, and nothing is left")

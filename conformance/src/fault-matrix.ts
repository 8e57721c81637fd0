import { memoryScene } from "./fault-matrix/memory-scene.js"
import { oneOfEach, runMatrix } from "./fault-matrix/run-matrix.js"
import { socketScene } from "./fault-matrix/socket-scene.js"
import { faultMatrix } from "./fault-matrix/table.js"

// The matrix of docs/faults.md: every cell in memory, and over sockets, plain and TLS, one cell of each fault or, with
// --full, every cell. Ends with 1 when a call has ended otherwise than the page has it, or has left something.

const atOnce = 12
const cells = await faultMatrix()
const overSockets = process.argv.includes("--full") ? cells : oneOfEach(cells, 2)

const runs = [
  { where: "in memory", chosen: cells, run: () => runMatrix(cells, memoryScene, 1) },
  {
    where: "over TCP",
    chosen: overSockets,
    run: () => runMatrix(overSockets, (options) => socketScene(options, false), atOnce),
  },
  {
    where: "over TLS",
    chosen: overSockets,
    run: () => runMatrix(overSockets, (options) => socketScene(options, true), atOnce),
  },
]
for (const { where, chosen, run } of runs) {
  const wrong = await run()
  for (const one of wrong) console.log(`✗ ${where}: ${one}`)
  console.log(
    `faults ${where}: ${chosen.length} cells, ${wrong.length === 0 ? "each as the page has it" : "not whole"}`,
  )
  if (wrong.length > 0) process.exitCode = 1
}

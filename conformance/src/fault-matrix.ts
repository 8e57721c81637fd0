import { strikeEverywhere } from "./fault-matrix/any-byte.js"
import { killServers } from "./fault-matrix/killed-server.js"
import { memoryScene } from "./fault-matrix/memory-scene.js"
import { oneOfEach, runMatrix } from "./fault-matrix/run-matrix.js"
import { socketScene } from "./fault-matrix/socket-scene.js"
import { faultMatrix } from "./fault-matrix/table.js"

// What docs/faults.md says of calls that something breaks: its matrix, every cell in memory, and one cell of each fault
// over TCP and TLS (with --full every cell); faults at every seventh byte of a connection (at every one); 20 servers that
// are killed (500). Ends with 1 when a call has ended otherwise than the page has it, or has left something.

const full = process.argv.includes("--full")
const step = full ? 1 : 7
const kills = full ? 500 : 20
const atOnce = 12
const cells = await faultMatrix()
const overSockets = full ? cells : oneOfEach(cells, 2)

report("the matrix in memory", cells.length, await runMatrix(cells, memoryScene, 1))
for (const secured of [false, true]) {
  const wrong = await runMatrix(overSockets, (options) => socketScene(options, secured), atOnce)
  report(`the matrix over ${secured ? "TLS" : "TCP"}`, overSockets.length, wrong)
}
const { strikes, wrong } = await strikeEverywhere(step)
report("faults at any byte", strikes, wrong)
report("killed servers", kills, await killServers(kills))

function report(what: string, tried: number, wrong: readonly string[]): void {
  for (const one of wrong.slice(0, 50)) console.log(`✗ ${what}: ${one}`)
  console.log(
    `${what}: ${tried} tried, ${wrong.length === 0 ? "all as docs/faults.md has them" : `${wrong.length} wrong`}`,
  )
  if (wrong.length > 0) process.exitCode = 1
}

import { killServers } from "./fault-matrix/killed-server.js"
import { memoryScene } from "./fault-matrix/memory-scene.js"
import { oneOfEach, runMatrix } from "./fault-matrix/run-matrix.js"
import { socketScene } from "./fault-matrix/socket-scene.js"
import { faultMatrix } from "./fault-matrix/table.js"

// The matrix of docs/faults.md: every cell in memory, and over sockets, plain and TLS, one cell of each fault or, with
// --full, every cell; then servers that are killed (SIGKILL) amid a call of each kind, 20 of them or 500. Ends with 1 when
// a call has ended otherwise than the page has it, or has left something.

const atOnce = 12
const full = process.argv.includes("--full")
const kills = full ? 500 : 20
const cells = await faultMatrix()
const overSockets = full ? cells : oneOfEach(cells, 2)

const runs = [
  { what: "killed servers", of: kills, run: () => killServers(kills) },
  { what: "faults in memory", of: cells.length, run: () => runMatrix(cells, memoryScene, 1) },
  {
    what: "faults over TCP",
    of: overSockets.length,
    run: () => runMatrix(overSockets, (options) => socketScene(options, false), atOnce),
  },
  {
    what: "faults over TLS",
    of: overSockets.length,
    run: () => runMatrix(overSockets, (options) => socketScene(options, true), atOnce),
  },
]
for (const { what, of, run } of runs) {
  const wrong = await run()
  for (const one of wrong) console.log(`✗ ${what}: ${one}`)
  console.log(`${what}: ${of}, ${wrong.length === 0 ? "all as docs/faults.md has them" : "not whole"}`)
  if (wrong.length > 0) process.exitCode = 1
}

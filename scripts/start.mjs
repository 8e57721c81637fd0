import { spawn } from "node:child_process"
import { build } from "./build.mjs"
import { generate } from "./generate.mjs"
import { ensureInstalled } from "./install.mjs"
import { main, root } from "./step.mjs"

const usage = `npm start [-- --once] [--port-offset N]

Installs, generates and builds what is missing or stale, then starts the six systems in one process, calls each, prints
what was called and answered, and goes on serving.

  --once            ends after the calls: exit 0, or 1 when an answer was wrong
  --port-offset N   adds N to every port (5001, 8080, 23333, 50051)`

const options = { once: { type: "boolean" }, "port-offset": { type: "string", default: "0" } }

await main(usage, options, async ({ once, "port-offset": portOffset }) => {
  await ensureInstalled()
  await generate()
  await build()
  await demo([...(once ? ["--once"] : []), "--port-offset", portOffset])
})

/** Runs the demo in this terminal and ends as it ends: an interrupt reaches it, and is waited for. */
async function demo(flags) {
  const child = spawn(process.execPath, ["examples/demo/dist/demo.js", ...flags], { cwd: root, stdio: "inherit" })
  process.on("SIGINT", () => {}) // The terminal sends it to both.
  process.on("SIGTERM", () => child.kill("SIGTERM"))
  process.exitCode = await new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", (code) => resolve(code ?? 1))
  })
}

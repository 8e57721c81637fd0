import { spawnSync } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ChildProgram, freePort } from "./test-support/child-program.js"

// h2spec's strict mode against examples/echo. Needs FARCALL_GO, the folder of the Go programs. Ends with 1 unless each
// of its cases has passed, and the server still answers a call after that.

/** What the strict mode had when this was written: fewer would mean that a case has not run. */
const leastCases = 146
const limitMs = 240_000

const echo = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "examples/echo/dist")
const port = await freePort()
const flags = ["--host", "127.0.0.1", "--port", `${port}`]
const server = new ChildProgram([process.execPath, join(echo, "server.js"), ...flags], {}, limitMs)
try {
  await server.firstLine()
  const h2spec = join(process.env["FARCALL_GO"] ?? "", "h2spec")
  const { error, stdout } = spawnSync(h2spec, ["--strict", "--host", "127.0.0.1", "--port", `${port}`], {
    encoding: "utf8",
    timeout: limitMs,
  })
  if (error !== undefined) throw error
  const totals = /^(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed$/m.exec(stdout)
  const [cases, passed] = [Number(totals?.[1]), Number(totals?.[2])]
  const whole = cases >= leastCases && passed === cases
  console.log(whole ? `h2spec --strict: ${totals![0]}` : stdout)
  if (!whole) process.exitCode = 1
  const client = new ChildProgram([process.execPath, join(echo, "client.js"), ...flags], {}, limitMs)
  const [answer] = await client.end()
  if (answer !== "You said: Hello World!") throw new Error(`after h2spec the server answered ${JSON.stringify(answer)}`)
} finally {
  await server.kill()
}

import { parseArgs } from "node:util"
import { createChannel, type Server, StatusError } from "farcall"
import { type DemoCall, demoCalls } from "./calls.js"
import { createServers } from "./systems.js"
import { formatTable } from "./table.js"

// Starts the six systems, calls each, shows what was called and answered, and serves on: `npm start`.
const { values: flags } = parseArgs({
  options: { once: { type: "boolean" }, "port-offset": { type: "string", default: "0" } },
})
const portOffset = Number(flags["port-offset"])
if (!Number.isInteger(portOffset) || portOffset < -5000 || portOffset > 15_484) {
  console.error(`--port-offset must be a whole number from -5000 to 15484, not ${flags["port-offset"]}`)
  process.exit(1)
}

let showLines = false
const servers = createServers((system, line) => {
  if (showLines) console.log(`${system} │ ${line}`)
})

if ((await listen(servers)) === false) process.exitCode = 1
else {
  const allRight = await makeCalls()
  if (flags.once) process.exitCode = allRight ? 0 : 1
  else await serveOn()
}
await Promise.all([...servers.values()].map((server) => server.shutdown({ graceMs: 1000 })))

/** Listens on all ports; false, and said on stderr, when one cannot be had. */
async function listen(servers: ReadonlyMap<number, Server>): Promise<boolean> {
  for (const [port, server] of servers) {
    try {
      await server.listen(`localhost:${port + portOffset}`)
    } catch (error) {
      const isTaken =
        error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === "EADDRINUSE"
      console.error(isTaken ? `✗ port ${port + portOffset} is taken by another program` : `✗ ${error}`)
      console.error(`  free it, or move all four ports: npm start -- --port-offset ${portOffset + 1000}`)
      return false
    }
  }
  return true
}

/** Makes every call, one after the other, and shows the answers; whether all were right. */
async function makeCalls(): Promise<boolean> {
  const rows: string[][] = []
  let wrong = 0
  for (const call of demoCalls) {
    const begun = performance.now()
    const answer = await answerTo(call)
    const took = `${(performance.now() - begun).toFixed(1)} ms`
    if (answer !== call.wanted) wrong++
    const mark = answer === call.wanted ? "✓" : "✗"
    rows.push([mark, call.system, call.method, `${call.port + portOffset}`, call.asked, answer, took])
  }
  console.log(formatTable(["", "system", "method", "port", "asked", "answered", "took"], rows))
  console.log(wrong === 0 ? `\nall ${rows.length} answers are right` : `\n${wrong} of ${rows.length} answers are wrong`)
  return wrong === 0
}

async function answerTo(call: DemoCall): Promise<string> {
  const channel = createChannel(`localhost:${call.port + portOffset}`)
  try {
    return await call.make(channel)
  } catch (error) {
    return error instanceof StatusError ? `${error.code}: ${error.message}` : String(error)
  } finally {
    await channel.close()
  }
}

/** Goes on serving until an interrupt. */
async function serveOn(): Promise<void> {
  showLines = true
  const ports = [...servers.keys()].map((port) => port + portOffset)
  console.log(`\nServing on ${ports.join(", ")} until Ctrl-C. Try, in another terminal:`)
  console.log(`  node examples/digestor/dist/client.js --port ${5001 + portOffset}`)
  console.log("then change examples/digestor/src/servicer.ts and start again, or read examples/digestor/README.md")
  await new Promise<void>((interrupted) => {
    process.once("SIGINT", () => interrupted())
    process.once("SIGTERM", () => interrupted())
  })
}

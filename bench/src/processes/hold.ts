import { parseArgs } from "node:util"
import { processResidentBytes } from "../measure/process-cpu.js"
import { connectStack } from "../stacks/connect-stack.js"

/** What this program prints, as JSON: what a bidirectional stream that is idle takes, in bytes at each end. */
export interface HoldReport {
  readonly serverBytes: number
  readonly clientBytes: number
}

const { values: flags } = parseArgs({
  options: {
    stack: { type: "string", default: "farcall" },
    port: { type: "string" },
    "server-pid": { type: "string" },
    streams: { type: "string", default: "10000" },
  },
})

const serverPid = Number(flags["server-pid"])
const streams = Number(flags.streams)
const client = await connectStack(flags.stack, `127.0.0.1:${flags.port}`)

/** The first streams pay for what all share. */
const first = 500
await hold(first)
const before = await memory()
await hold(streams)
const after = await memory()
const report: HoldReport = {
  serverBytes: (after.server - before.server) / streams,
  clientBytes: (after.client - before.client) / streams,
}
console.log(JSON.stringify(report))
process.exit(0)

/** Opens streams, not all at once: each has had its message back before it counts as idle. */
async function hold(count: number): Promise<void> {
  for (let held = 0; held < count; held += 100) {
    await Promise.all(Array.from({ length: Math.min(100, count - held) }, () => client.hold()))
  }
}

/** What is in RAM at both ends, once both have collected their garbage. */
async function memory(): Promise<{ server: number; client: number }> {
  for (let times = 0; times < 3; times++) {
    process.kill(serverPid, "SIGUSR2")
    globalThis.gc!()
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return { server: processResidentBytes(serverPid), client: processResidentBytes(process.pid) }
}

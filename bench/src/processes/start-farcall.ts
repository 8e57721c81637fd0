import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { createChannel, createClient, createServer } from "farcall"
import type { StartReport } from "./start-report.js"

const { userCPUTime, systemCPUTime } = process.resourceUsage()
const importedBytes = resident()

const server = createServer()
server.add(Echo, { reply: ({ message }) => ({ message: `You said: ${message}` }) })
const channel = createChannel((await server.listen("127.0.0.1:0")).toString())
await createClient(Echo, channel).reply({ message: "Hello, World!" })

const report: StartReport = { cpuMicros: userCPUTime + systemCPUTime, importedBytes, callingBytes: resident() }
console.log(JSON.stringify(report))
await channel.close()
await server.shutdown({ graceMs: 0 })

function resident(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss
}

import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { createChannel, createClient, createServer } from "farcall"
import type { StartReport } from "./start-report.js"

const importedMicros = cpu()
const importedBytes = resident()
const resumedMicros = cpu()

const server = createServer()
server.add(Echo, { reply: ({ message }) => ({ message: `You said: ${message}` }) })
const channel = createChannel((await server.listen("127.0.0.1:0")).toString())
await createClient(Echo, channel).reply({ message: "Hello, World!" })

const callingMicros = importedMicros + cpu() - resumedMicros
const report: StartReport = { cpuMicros: importedMicros, callingMicros, importedBytes, callingBytes: resident() }
console.log(JSON.stringify(report))
await channel.close()
await server.shutdown({ graceMs: 0 })

function cpu(): number {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  return userCPUTime + systemCPUTime
}

function resident(): number {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8")
  // Not by the command line: under other flags than its own Node compiles its modules anew, which is no program's start.
  setFlagsFromString("--expose-gc")
  process.getBuiltinModule("node:vm").runInNewContext("gc")()
  setFlagsFromString("--no-expose-gc")
  return process.memoryUsage().rss
}

import { credentials, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js"
import { Echo } from "../stacks/grpc-js-protos.js"
import type { StartReport } from "./start-report.js"

interface Text {
  readonly message: string
}

const importedMicros = cpu()
const importedBytes = resident()
const resumedMicros = cpu()

const server = new Server()
server.addService(Echo.service, {
  reply(call: ServerUnaryCall<Text, Text>, done: sendUnaryData<Text>) {
    done(null, { message: `You said: ${call.request.message}` })
  },
})
const port = await new Promise<number>((resolve, reject) => {
  const onBound = (error: Error | null, port: number): void => (error === null ? resolve(port) : reject(error))
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), onBound)
})
const client = new Echo(`127.0.0.1:${port}`, credentials.createInsecure())
await new Promise<void>((resolve, reject) => {
  const reply = client["reply"] as (request: Text, onReply: (error: Error | null) => void) => void
  reply.call(client, { message: "Hello, World!" }, (error) => (error === null ? resolve() : reject(error)))
})

const callingMicros = importedMicros + cpu() - resumedMicros
const report: StartReport = { cpuMicros: importedMicros, callingMicros, importedBytes, callingBytes: resident() }
console.log(JSON.stringify(report))
client.close()
server.forceShutdown()

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

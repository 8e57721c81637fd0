import { credentials, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js"
import { Echo } from "../stacks/grpc-js-protos.js"
import type { StartReport } from "./start-report.js"

interface Text {
  readonly message: string
}

const { userCPUTime, systemCPUTime } = process.resourceUsage()
const importedBytes = resident()

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

const report: StartReport = { cpuMicros: userCPUTime + systemCPUTime, importedBytes, callingBytes: resident() }
console.log(JSON.stringify(report))
client.close()
server.forceShutdown()

function resident(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss
}

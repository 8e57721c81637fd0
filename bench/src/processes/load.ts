import { parseArgs } from "node:util"
import { quantile } from "../measure/median.js"
import { processCpuMicros } from "../measure/process-cpu.js"
import { farcallClient } from "../stacks/farcall-client.js"
import { grpcJsClient } from "../stacks/grpc-js-client.js"
import type { LoadClient } from "../stacks/load-client.js"

/** What the load program prints, as JSON: what it did after it had warmed up, and what that took. */
export interface LoadReport {
  /** Calls, or messages where they are streamed. */
  readonly operations: number
  readonly seconds: number
  /** CPU of this process and of the server's, in microseconds. */
  readonly clientCpuMicros: number
  readonly serverCpuMicros: number
  /** How long an operation took, in microseconds: of streamed messages the whole stream. */
  readonly p50Micros: number
  readonly p99Micros: number
}

export type Task = "reply" | "count" | "echo-payload"

/** Messages of one stream. */
const STREAM_LENGTH = 20_000

const { values: flags } = parseArgs({
  options: {
    stack: { type: "string", default: "farcall" },
    task: { type: "string", default: "reply" },
    port: { type: "string" },
    "server-pid": { type: "string" },
    concurrency: { type: "string", default: "1" },
    seconds: { type: "string", default: "2" },
  },
})

const address = `127.0.0.1:${flags.port}`
const client = flags.stack === "farcall" ? farcallClient(address) : grpcJsClient(address)
const operation = operationOf(flags.task as Task, client)
const concurrency = Number(flags.concurrency)
const serverPid = Number(flags["server-pid"])
const seconds = Number(flags.seconds)

// A new process has everything to learn yet: what it takes to compile what is hot is not the call's price.
await runFor(Math.max(1.5, seconds))
const clientCpu = process.cpuUsage()
const serverCpu = processCpuMicros(serverPid)
const measured = await runFor(seconds)
const { user, system } = process.cpuUsage(clientCpu)
const report: LoadReport = {
  operations: measured.operations,
  seconds: measured.seconds,
  clientCpuMicros: user + system,
  serverCpuMicros: processCpuMicros(serverPid) - serverCpu,
  p50Micros: quantile(measured.latencies, 0.5) * 1000,
  p99Micros: quantile(measured.latencies, 0.99) * 1000,
}
await client.close()
console.log(JSON.stringify(report))

/** One operation, checked: resolves to how many messages or calls it was. */
function operationOf(task: Task, client: LoadClient): () => Promise<number> {
  switch (task) {
    case "reply":
      return replies(client)
    case "count":
      return async () => {
        const received = await client.count(STREAM_LENGTH)
        if (received !== STREAM_LENGTH) throw new Error(`${received} messages of ${STREAM_LENGTH} came`)
        return received
      }
    case "echo-payload":
      return payloads(client)
  }
}

function replies(client: LoadClient): () => Promise<number> {
  const message = "Hello, World!"
  const expected = `You said: ${message}`
  return async () => {
    const answer = await client.reply(message)
    if (answer !== expected) throw new Error(`answered ${JSON.stringify(answer)}`)
    return 1
  }
}

function payloads(client: LoadClient): () => Promise<number> {
  const data = Buffer.alloc(4 * 1024 * 1024, "payload ")
  let verified = false
  return async () => {
    const answer = await client.echoPayload(data)
    // Comparing every byte of every answer would be measured with the rest.
    if (answer.length !== data.length || (!verified && !data.equals(answer)))
      throw new Error("another payload came back")
    verified = true
    return 1
  }
}

async function runFor(
  seconds: number,
): Promise<{ operations: number; seconds: number; latencies: Float64Array<ArrayBuffer> }> {
  const begun = performance.now()
  const end = begun + seconds * 1000
  const latencies: number[] = []
  let operations = 0
  async function repeat(): Promise<void> {
    let now = performance.now()
    while (now < end) {
      const done = await operation()
      operations += done
      const then = now
      now = performance.now()
      latencies.push(now - then)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, repeat))
  return { operations, seconds: (performance.now() - begun) / 1000, latencies: Float64Array.from(latencies).sort() }
}

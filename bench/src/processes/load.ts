import { parseArgs } from "node:util"
import { quantile } from "../measure/median.js"
import { processCpuMicros } from "../measure/process-cpu.js"
import { connectStack } from "../stacks/connect-stack.js"
import { type LoadClient, payloadLength } from "../stacks/load-client.js"

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

export type Task = "reply" | "count" | "echo-payload" | "download"

const { values: flags } = parseArgs({
  options: {
    stack: { type: "string", default: "farcall" },
    task: { type: "string", default: "reply" },
    port: { type: "string" },
    "server-pid": { type: "string" },
    concurrency: { type: "string", default: "1" },
    seconds: { type: "string", default: "2" },
    "stream-length": { type: "string", default: "20000" },
  },
})

const client = await connectStack(
  flags.stack,
  `127.0.0.1:${flags.port}`,
  flags.task === "echo-payload" || flags.task === "download",
)
const operation = operationOf(flags.task as Task, client)
const concurrency = Number(flags.concurrency)
const serverPid = Number(flags["server-pid"])
const seconds = Number(flags.seconds)
/** Messages of one stream. */
const streamLength = Number(flags["stream-length"])
/** The last of them, in milliseconds. */
const latencies = new Float64Array(1_000_000)

await warmUp()
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

/** What is repeated. One promise for each, the stack's own: another would be measured with it. */
interface Operation<Result> {
  begin(): Promise<Result>
  /** Checks what came, and says how many calls or messages it was. */
  check(result: Result): number
}

function operationOf(task: Task, client: LoadClient): Operation<unknown> {
  switch (task) {
    case "reply":
      return replies(client) as Operation<unknown>
    case "count":
      return streams(client) as Operation<unknown>
    case "download":
      return downloads(client) as Operation<unknown>
    case "echo-payload":
      return payloads(client) as Operation<unknown>
  }
}

function replies(client: LoadClient): Operation<{ readonly message: string }> {
  const message = "Hello, World!"
  const expected = `You said: ${message}`
  return {
    begin: () => client.reply(message),
    check(answer) {
      if (answer.message !== expected) throw new Error(`answered ${JSON.stringify(answer)}`)
      return 1
    },
  }
}

function streams(client: LoadClient): Operation<number> {
  return {
    begin: () => client.count(streamLength),
    check(received) {
      if (received !== streamLength) throw new Error(`${received} messages of ${streamLength} came`)
      return received
    },
  }
}

/** Of few messages: a stream that is not finished when the time is over goes on, and is counted. */
function downloads(client: LoadClient): Operation<number> {
  const messages = 20
  return {
    begin: () => client.download(messages),
    check(received) {
      if (received !== messages) throw new Error(`${received} payloads of ${messages} came`)
      return received
    },
  }
}

function payloads(client: LoadClient): Operation<{ readonly data: Uint8Array }> {
  const data = Buffer.alloc(payloadLength, "payload ")
  let verified = false
  return {
    begin: () => client.echoPayload(data),
    check(answer) {
      // Comparing every byte of every answer would be measured with the rest.
      const same = answer.data.length === data.length && (verified || data.equals(answer.data))
      if (!same) throw new Error("another payload came back")
      verified = true
      return 1
    },
  }
}

/**
 * A new process has everything to learn yet, and what it takes to compile what is hot is not the call's price. Counted
 * in CPU, so that each stack has had as much of it, however busy the machine is.
 */
async function warmUp(): Promise<void> {
  const begun = performance.now()
  let cpu = process.cpuUsage()
  while (cpu.user + cpu.system < Math.max(1.5, seconds) * 1e6 && performance.now() - begun < 15_000) {
    await runFor(0.25)
    cpu = process.cpuUsage()
  }
}

async function runFor(seconds: number): Promise<{ operations: number; seconds: number; latencies: Float64Array }> {
  const begun = performance.now()
  const end = begun + seconds * 1000
  let operations = 0
  let latencyCount = 0
  async function repeat(): Promise<void> {
    let now = performance.now()
    while (now < end) {
      const result = await operation.begin()
      operations += operation.check(result)
      const then = now
      now = performance.now()
      latencies[latencyCount++ % latencies.length] = now - then
    }
  }
  await Promise.all(Array.from({ length: concurrency }, repeat))
  return {
    operations,
    seconds: (performance.now() - begun) / 1000,
    latencies: latencies.slice(0, Math.min(latencyCount, latencies.length)).sort(),
  }
}

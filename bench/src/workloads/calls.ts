import { type Figure, lessIsBetter, moreIsBetter } from "../measure/figure.js"
import { median } from "../measure/median.js"
import { runPinned, type ServerProcess, startServer } from "../measure/pinned-process.js"
import type { LoadReport, Task } from "../processes/load.js"
import { alternate, type Stack, stacks } from "./alternate.js"
import { programs } from "./programs.js"
import type { Bench, Workload } from "./workload.js"

/** What is measured with clients of our own programs: both ends report. */
export const callWorkloads: readonly Workload[] = [
  {
    name: "unary-client",
    title: "unary client, 1 connection × 100 calls",
    async run(bench) {
      const samples = await measure(bench, this.title, "reply", 100, "ours for both")
      return [
        less(this.title, "client CPU µs/call", samples, (run) => run.clientCpuMicros / run.operations, 8),
        more(this.title, "calls/s", samples, (run) => run.operations / run.seconds),
      ]
    },
  },
  {
    name: "sequential",
    title: "sequential unary calls",
    async run(bench) {
      const samples = await measure(bench, this.title, "reply", 1, "each its own")
      return [
        less(this.title, "p50 µs", samples, (run) => run.p50Micros, 2),
        less(this.title, "p99 µs", samples, (run) => run.p99Micros),
      ]
    },
  },
  {
    name: "server-stream",
    title: "server stream of small messages",
    async run(bench) {
      const samples = await measure(bench, this.title, "count", 1, "each its own")
      return [
        more(this.title, "messages/s", samples, (run) => run.operations / run.seconds, 10),
        less(this.title, "server CPU µs/message", samples, (run) => run.serverCpuMicros / run.operations),
        less(this.title, "client CPU µs/message", samples, (run) => run.clientCpuMicros / run.operations),
      ]
    },
  },
  {
    name: "echo-4mib",
    title: "4 MiB there and back, 2 calls at once",
    async run(bench) {
      const samples = await measure(bench, this.title, "echo-payload", 2, "each its own")
      return [
        more(this.title, "MiB/s each way", samples, (run) => (4 * run.operations) / run.seconds, 4),
        less(this.title, "CPU ms/call, both ends", samples, (run) => {
          return (run.serverCpuMicros + run.clientCpuMicros) / run.operations / 1000
        }),
      ]
    },
  },
  {
    name: "download-4mib",
    title: "a stream of 4 MiB messages",
    async run(bench) {
      const samples = await measure(bench, this.title, "download", 1, "each its own")
      const speed = (run: LoadReport): number => (4 * run.operations) / run.seconds
      return [
        moreIsBetter(this.title, "MiB/s", middle(samples.farcall, speed), "goal", FAST_DOWNLOAD, 1),
        more(this.title, "MiB/s", samples, speed),
        less(this.title, "CPU ms/message, both ends", samples, (run) => {
          return (run.serverCpuMicros + run.clientCpuMicros) / run.operations / 1000
        }),
      ]
    },
  },
]

/** 1.5 GB a second, in MiB. */
const FAST_DOWNLOAD = 1.5e9 / 2 ** 20

type Samples = Record<Stack, LoadReport[]>
type Take = (run: LoadReport) => number

function less(title: string, what: string, samples: Samples, take: Take, goal?: number): Figure {
  return lessIsBetter(title, what, middle(samples.farcall, take), "grpc-js", middle(samples["grpc-js"], take), goal)
}

function more(title: string, what: string, samples: Samples, take: Take, goal?: number): Figure {
  return moreIsBetter(title, what, middle(samples.farcall, take), "grpc-js", middle(samples["grpc-js"], take), goal)
}

function middle(runs: readonly LoadReport[], take: Take): number {
  return median(runs.map(take))
}

/** Runs the load program of each stack in turns, against our server or each against its own. */
async function measure(
  bench: Bench,
  title: string,
  task: Task,
  concurrency: number,
  server: "ours for both" | "each its own",
): Promise<Samples> {
  const limits = task === "echo-payload" || task === "download" ? ["--large-messages"] : []
  const ours = await startServer(bench.cores.server, programs.farcallServer, limits)
  const theirs =
    server === "ours for both" ? ours : await startServer(bench.cores.server, programs.grpcJsServer, limits)
  const servers: Record<Stack, ServerProcess> = { farcall: ours, "grpc-js": theirs }
  try {
    return await alternate(bench, title, stacks, async (stack) => {
      const { pid, port } = servers[stack]
      const where = ["--port", String(port), "--server-pid", String(pid)]
      const load = ["--stack", stack, "--task", task, "--concurrency", String(concurrency)]
      const time = ["--seconds", String(bench.seconds)]
      const output = await runPinned(bench.cores.load, process.execPath, [programs.load, ...where, ...load, ...time])
      return JSON.parse(output) as LoadReport
    })
  } finally {
    await Promise.all([...new Set([ours, theirs])].map((process) => process.stop()))
  }
}

import { lessIsBetter } from "../measure/figure.js"
import { median } from "../measure/median.js"
import { runPinned, startServer } from "../measure/pinned-process.js"
import type { HoldReport } from "../processes/hold.js"
import { alternate, stacks } from "./alternate.js"
import { programs } from "./programs.js"
import type { Workload } from "./workload.js"

const streams = 10_000

/** What streams cost on which nothing happens. */
export const idleStreams: Workload = {
  name: "idle-streams",
  title: `memory of ${streams.toLocaleString("en-US")} idle bidi streams`,
  async run(bench) {
    const samples = await alternate(bench, this.title, stacks, async (stack) => {
      const program = stack === "farcall" ? programs.farcallServer : programs.grpcJsServer
      const server = await startServer(bench.cores.server, program, [], ["--expose-gc"])
      try {
        const where = ["--port", String(server.port), "--server-pid", String(server.pid)]
        const what = ["--stack", stack, "--streams", String(streams)]
        const args = ["--expose-gc", programs.hold, ...where, ...what]
        return JSON.parse(await runPinned(bench.cores.load, process.execPath, args)) as HoldReport
      } finally {
        await server.stop()
      }
    })
    const kilobytes = (runs: readonly HoldReport[], end: keyof HoldReport): number => {
      return median(runs.map((run) => run[end])) / 1024
    }
    const { farcall, "grpc-js": grpcJs } = samples
    return [
      lessIsBetter(
        this.title,
        "server KiB/stream",
        kilobytes(farcall, "serverBytes"),
        "grpc-js",
        kilobytes(grpcJs, "serverBytes"),
      ),
      lessIsBetter(
        this.title,
        "client KiB/stream",
        kilobytes(farcall, "clientBytes"),
        "grpc-js",
        kilobytes(grpcJs, "clientBytes"),
      ),
    ]
  },
}

import { moreIsBetter } from "../measure/figure.js"
import { median } from "../measure/median.js"
import { runPinned, startServer } from "../measure/pinned-process.js"
import type { LoadReport } from "../processes/load.js"
import { alternate, stacks } from "./alternate.js"
import { programs } from "./programs.js"
import type { Workload } from "./workload.js"

const millisecondsAway = 50

/** Whether flow control lets a long path be filled: a window that stays as it is brings itself once in a round trip. */
export const longPath: Workload = {
  name: "long-path",
  title: `server streams over a proxy ${millisecondsAway} ms away, each way`,
  async run(bench) {
    const samples = await alternate(bench, this.title, stacks, async (stack) => {
      const program = stack === "farcall" ? programs.farcallServer : programs.grpcJsServer
      const server = await startServer(bench.cores.server, program, [])
      const path = ["--port", String(server.port), "--milliseconds", String(millisecondsAway)]
      const proxy = await startServer(bench.cores.load, programs.delayingProxy, path)
      try {
        const where = ["--port", String(proxy.port), "--server-pid", String(server.pid)]
        const what = ["--stack", stack, "--task", "count", "--stream-length", "100000"]
        const time = ["--seconds", String(bench.seconds)]
        const output = await runPinned(bench.cores.load, process.execPath, [programs.load, ...where, ...what, ...time])
        return JSON.parse(output) as LoadReport
      } finally {
        await proxy.stop()
        await server.stop()
      }
    })
    const rate = (runs: readonly LoadReport[]): number => median(runs.map((run) => run.operations / run.seconds))
    return [moreIsBetter(this.title, "messages/s", rate(samples.farcall), "grpc-js", rate(samples["grpc-js"]))]
  },
}

import { lessIsBetter, moreIsBetter } from "../measure/figure.js"
import { median } from "../measure/median.js"
import { runPinned, startServer } from "../measure/pinned-process.js"
import type { LoadReport } from "../processes/load.js"
import { alternate } from "./alternate.js"
import { programs } from "./programs.js"
import type { Workload } from "./workload.js"

const places = ["worker", "inLine"] as const

/** What it costs to run a handler on a worker thread: the same server, with a thread and without, both on one core. */
export const workerThread: Workload = {
  name: "worker-thread",
  title: "Echo on a worker thread",
  async run(bench) {
    const address = ["--host", "127.0.0.1", "--port", "0"]
    const servers = {
      worker: await startServer(bench.cores.server, programs.echoServer, [...address, "--workers", "1"]),
      inLine: await startServer(bench.cores.server, programs.echoServer, address),
    }
    const measure = (concurrency: number): Promise<Record<(typeof places)[number], LoadReport[]>> =>
      alternate(bench, `${this.title}, ${concurrency} at once`, places, async (place) => {
        const { pid, port } = servers[place]
        const where = ["--port", String(port), "--server-pid", String(pid)]
        const load = ["--concurrency", String(concurrency), "--seconds", String(bench.seconds)]
        return JSON.parse(
          await runPinned(bench.cores.load, process.execPath, [programs.load, ...where, ...load]),
        ) as LoadReport
      })
    try {
      const single = await measure(1)
      const many = await measure(100)
      const p50 = (runs: readonly LoadReport[]): number => median(runs.map((run) => run.p50Micros))
      const rate = (runs: readonly LoadReport[]): number => median(runs.map((run) => run.operations / run.seconds))
      return [
        lessIsBetter(`${this.title}, one after another`, "p50 µs", p50(single.worker), "in line", p50(single.inLine)),
        moreIsBetter(`${this.title}, 100 at once`, "calls/s", rate(many.worker), "in line", rate(many.inLine)),
      ]
    } finally {
      await Promise.all(Object.values(servers).map((server) => server.stop()))
    }
  },
}

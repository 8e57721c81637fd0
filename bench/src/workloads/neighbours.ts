import { lessIsBetter } from "../measure/figure.js"
import { median } from "../measure/median.js"
import { runPinned, startServer } from "../measure/pinned-process.js"
import type { NeighboursReport } from "../processes/neighbours.js"
import { programs } from "./programs.js"
import type { Workload } from "./workload.js"

/** What a stream that sends all it can does to the calls that share its connection. */
export const neighbours: Workload = {
  name: "neighbours",
  title: "99 calls at once, beside a greedy stream on their connection",
  async run(bench) {
    const server = await startServer(bench.cores.server, programs.farcallServer, [])
    try {
      const reports: NeighboursReport[] = []
      for (let run = 1; run <= bench.runs; run++) {
        bench.progress(`${this.title}: run ${run} of ${bench.runs}`)
        const args = ["--port", String(server.port), "--seconds", String(bench.seconds)]
        const output = await runPinned(bench.cores.load, process.execPath, [programs.neighbours, ...args])
        reports.push(JSON.parse(output) as NeighboursReport)
      }
      const beside = median(reports.map((report) => report.besideGreedy))
      const alone = median(reports.map((report) => report.alone))
      // At most twice as long.
      return [lessIsBetter(this.title, "p99 µs", beside, "themselves alone", alone, 0.5)]
    } finally {
      await server.stop()
    }
  },
}

import { lessIsBetter } from "../measure/figure.js"
import { median } from "../measure/median.js"
import { runPinned } from "../measure/pinned-process.js"
import type { TestPairsReport } from "../processes/test-pairs.js"
import { alternate, stacks } from "./alternate.js"
import { programs } from "./programs.js"
import type { Workload } from "./workload.js"

/** What a test pays for a server and a client: opened, called once, closed, one pair after the other. */
export const testPairs: Workload = {
  name: "test-pairs",
  title: "test pairs, one after the other",
  async run(bench) {
    const samples = await alternate(bench, this.title, stacks, async (stack) => {
      // 10,000, and a tenth of them where one takes several times as long; a quarter for a first look.
      const pairs = bench.seconds * (stack === "farcall" ? 5_000 : 500)
      const args = ["--expose-gc", programs.testPairs, "--stack", stack, "--pairs", String(pairs)]
      return JSON.parse(await runPinned(bench.cores.load, process.execPath, args)) as TestPairsReport
    })
    const middle = (runs: readonly TestPairsReport[], of: keyof TestPairsReport): number =>
      median(runs.map((run) => run[of]))
    const { farcall, "grpc-js": grpcJs } = samples
    const handles = Math.max(...farcall.map((run) => run.handles))
    if (handles > 0) throw new Error(`${handles} handles are left of all pairs`)
    const milliseconds = middle(farcall, "milliseconds")
    // Code and caches go on growing a little, and the collector may leave less than before.
    const heap = Math.max(0.01, middle(farcall, "heapBytes") / 2 ** 20)
    return [
      lessIsBetter(this.title, "ms/pair, with a call", milliseconds, "goal", 1, 1),
      lessIsBetter(this.title, "ms/pair, with a call", milliseconds, "grpc-js", middle(grpcJs, "milliseconds")),
      lessIsBetter(this.title, "MiB of heap left, of all", heap, "goal", 1, 1),
    ]
  },
}

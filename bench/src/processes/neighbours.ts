import { parseArgs } from "node:util"
import { quantile } from "../measure/median.js"
import { connectStack } from "../stacks/connect-stack.js"

/** What this program prints, as JSON: how long 99 calls at once took, in microseconds, by themselves and beside a greedy one. */
export interface NeighboursReport {
  readonly alone: number
  readonly besideGreedy: number
}

const { values: flags } = parseArgs({
  options: {
    stack: { type: "string", default: "farcall" },
    port: { type: "string" },
    seconds: { type: "string", default: "2" },
  },
})

const client = await connectStack(flags.stack, `127.0.0.1:${flags.port}`)
const seconds = Number(flags.seconds)

await p99(1)
let greedy = true
const streams = takeAllThereIs()
await p99(1)
const besideGreedy = await p99(seconds)
greedy = false
await streams
// Last, with everything compiled that is hot: the comparison is to be no kinder than the truth.
const alone = await p99(seconds)
const report: NeighboursReport = { alone, besideGreedy }
console.log(JSON.stringify(report))
await client.close()

/** A stream of messages as fast as they come, on the connection of the others. */
async function takeAllThereIs(): Promise<void> {
  while (greedy) await client.count(20_000)
}

async function p99(duration: number): Promise<number> {
  const end = performance.now() + duration * 1000
  const latencies: number[] = []
  const repeat = async (): Promise<void> => {
    for (let now = performance.now(); now < end; ) {
      await client.reply("Hello, World!")
      const then = now
      now = performance.now()
      latencies.push(now - then)
    }
  }
  await Promise.all(Array.from({ length: 99 }, repeat))
  return quantile(Float64Array.from(latencies).sort(), 0.99) * 1000
}

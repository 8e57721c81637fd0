import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { CompilerFailure, type RunResult, runCompiler } from "./run.js"

/** How long one file may take, in milliseconds: what takes longer is a hang. */
const PATIENCE = 60_000

/** Runs it in a thread of its own, so that a file that never ends is found out. Returns whether all went well. */
export async function fuzzCompiler(inputs: number, seed: number): Promise<boolean> {
  const begun = performance.now()
  const current = new Float64Array(new SharedArrayBuffer(8))
  const worker = new Worker(new URL(import.meta.url), { workerData: { inputs, seed, current } })
  let before = -1
  let hung = false
  const watch = setInterval(() => {
    if (process.stderr.isTTY) process.stderr.write(`\r${current[0] - seed} of ${inputs}`)
    hung = current[0] === before
    before = current[0]
    if (hung) void worker.terminate()
  }, PATIENCE)
  try {
    const result = await new Promise<RunResult | string>((resolve, reject) => {
      worker.once("message", resolve)
      worker.once("error", reject)
      worker.once("exit", () => resolve(hung ? `seed ${before} takes more than ${PATIENCE} ms` : "the thread ended"))
    })
    if (typeof result === "string") {
      console.error(`✗ ${result}`)
      return false
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(0)
    console.log(`${inputs} inputs, seeds ${seed} to ${seed + inputs - 1}, ${seconds} s`)
    console.log(`  ${result.accepted} accepted, ${result.refused} refused`)
    return true
  } finally {
    clearInterval(watch)
  }
}

function work({ inputs, seed, current }: { inputs: number; seed: number; current: Float64Array }): RunResult | string {
  try {
    return runCompiler({ inputs, seed, begun: (at) => (current[0] = at) })
  } catch (error) {
    if (!(error instanceof CompilerFailure)) throw error
    const { cause } = error
    return `${error.message}\n${cause instanceof Error ? cause.stack : String(cause)}`
  }
}

if (!isMainThread) parentPort?.postMessage(work(workerData))

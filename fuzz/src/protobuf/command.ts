import { messageTypes } from "./message-types.js"
import { InputFailure, runProtobuf } from "./run.js"

/** `npm run fuzz -- protobuf`: prints what came of how many inputs; false when the codecs differed on one. */
export async function fuzzProtobuf(inputs: number, seed: number): Promise<boolean> {
  const begun = performance.now()
  const pairs = await messageTypes()
  const progress = (done: number): unknown => process.stderr.isTTY && process.stderr.write(`\r${done} of ${inputs}`)
  try {
    const outcomes = runProtobuf({ inputs, seed, pairs, progress })
    const seconds = ((performance.now() - begun) / 1000).toFixed(0)
    const types = new Set(pairs.map(({ schema }) => schema)).size
    console.log(`${inputs} inputs, seeds ${seed} to ${seed + inputs - 1}, ${types} message types, ${seconds} s`)
    for (const [outcome, count] of [...outcomes].sort((a, b) => b[1] - a[1])) console.log(`  ${count} ${outcome}`)
    return true
  } catch (error) {
    if (!(error instanceof InputFailure)) throw error
    console.error(`✗ ${error.message}`)
    return false
  }
}

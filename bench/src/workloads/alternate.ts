import type { Bench } from "./workload.js"

/** Us, and the peer we are measured beside. */
export const stacks = ["farcall", "grpc-js"] as const
export type Stack = (typeof stacks)[number]

/** Measures each stack in turns, so that what else the machine does meets both alike. */
export async function alternate<Sample>(
  bench: Bench,
  title: string,
  measure: (stack: Stack) => Promise<Sample>,
): Promise<Record<Stack, Sample[]>> {
  const samples: Record<Stack, Sample[]> = { farcall: [], "grpc-js": [] }
  for (let run = 1; run <= bench.runs; run++) {
    for (const stack of stacks) {
      bench.progress(`${title}: ${stack}, run ${run} of ${bench.runs}`)
      samples[stack].push(await measure(stack))
    }
  }
  return samples
}

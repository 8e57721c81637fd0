import type { Bench } from "./workload.js"

/** Us, and the peer we are measured beside. */
export const stacks = ["farcall", "grpc-js"] as const
export type Stack = (typeof stacks)[number]

/** Measures each of several in turns, so that what else the machine does meets all alike. */
export async function alternate<Name extends string, Sample>(
  bench: Bench,
  title: string,
  names: readonly Name[],
  measure: (name: Name) => Promise<Sample>,
): Promise<Record<Name, Sample[]>> {
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Sample[]>
  for (let run = 1; run <= bench.runs; run++) {
    for (const name of names) {
      bench.progress(`${title}: ${name}, run ${run} of ${bench.runs}`)
      samples[name].push(await measure(name))
    }
  }
  return samples
}

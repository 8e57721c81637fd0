import { GeneratorFailure, runGenerator } from "./run.js"

/** `npm run fuzz -- generator`: prints what came of how many files; false when one of them broke out. */
export async function fuzzGenerator(inputs: number, seed: number): Promise<boolean> {
  const begun = performance.now()
  const progress = (done: number): unknown => process.stderr.isTTY && process.stderr.write(`\r${done} of ${inputs}`)
  try {
    const { loaded, refused, modules } = await runGenerator({ inputs, seed, progress })
    const seconds = ((performance.now() - begun) / 1000).toFixed(0)
    console.log(`${inputs} inputs, seeds ${seed} to ${seed + inputs - 1}, ${seconds} s`)
    console.log(
      `  ${loaded} generated, type-checked and loaded (${modules} modules); nothing ran\n  ${refused} refused`,
    )
    return true
  } catch (error) {
    if (!(error instanceof GeneratorFailure)) throw error
    console.error(`✗ ${error.message}`)
    return false
  }
}

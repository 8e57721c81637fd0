import { parseArgs } from "node:util"
import { InputFailure, runFrames } from "./frames/run.js"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: "string" },
    conversations: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "10" },
    only: { type: "string", multiple: true },
  },
})

switch (positionals[0]) {
  case "frames":
    frames(wholeNumber("inputs", 1_000_000), wholeNumber("seed"))
    break
  case "attacks": {
    const { runAttacks } = await import("./attacks/run.js")
    process.exitCode = (await runAttacks(wholeNumber("seconds"), values.only)) ? 0 : 1
    break
  }
  case "protobuf": {
    const { fuzzProtobuf } = await import("./protobuf/command.js")
    process.exitCode = (await fuzzProtobuf(wholeNumber("inputs", 1_000_000), wholeNumber("seed"))) ? 0 : 1
    break
  }
  case "differential": {
    const { compareImplementations } = await import("./differential/command.js")
    const agreed = await compareImplementations(wholeNumber("conversations"), wholeNumber("seed"))
    process.exitCode = agreed ? 0 : 1
    break
  }
  case "compiler": {
    const { fuzzCompiler } = await import("./compiler/command.js")
    process.exitCode = (await fuzzCompiler(wholeNumber("inputs", 1_000_000), wholeNumber("seed"))) ? 0 : 1
    break
  }
  case "generator": {
    const { fuzzGenerator } = await import("./generator/command.js")
    process.exitCode = (await fuzzGenerator(wholeNumber("inputs", 2_000), wholeNumber("seed"))) ? 0 : 1
    break
  }
  default:
    console.error(
      `${positionals[0] ?? "nothing"}: there are frames, attacks, differential, protobuf, compiler and generator`,
    )
    process.exitCode = 2
}

function frames(inputs: number, seed: number): void {
  const begun = performance.now()
  try {
    const result = runFrames({
      inputs,
      seed,
      progress: (done) => process.stderr.isTTY && process.stderr.write(`\r${done} of ${inputs}`),
    })
    const seconds = ((performance.now() - begun) / 1000).toFixed(0)
    console.log(`${result.inputs} inputs, seeds ${seed} to ${seed + inputs - 1}, ${result.frames} frames, ${seconds} s`)
    for (const [end, count] of [...result.ends].sort((a, b) => b[1] - a[1])) console.log(`  ${count} ended: ${end}`)
  } catch (error) {
    if (!(error instanceof InputFailure)) throw error
    console.error(error.cause)
    console.error(`✗ ${error.message}\nAs a fixture:\n${error.fixture}`)
    process.exitCode = 1
  }
}

function wholeNumber(name: "inputs" | "conversations" | "seed" | "seconds", standard?: number): number {
  const value = Number(values[name] ?? standard)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`--${name} is ${values[name]}, no whole number`)
  process.exit(2)
}

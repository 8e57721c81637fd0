import { checkInput } from "./check-input.js"
import { inputOf, type ProtoInput } from "./inputs.js"

export interface RunOptions {
  readonly inputs: number
  /** The first seed; each input has the next one. */
  readonly seed: number
  /** Told of each seed before its input is compiled. */
  readonly begun?: (seed: number) => void
}

export interface RunResult {
  readonly accepted: number
  readonly refused: number
}

/** Checks `inputs` inputs. @throws CompilerFailure at the first that breaks a property */
export function runCompiler({ inputs, seed, begun }: RunOptions): RunResult {
  let accepted = 0
  for (let at = seed; at < seed + inputs; at++) {
    begun?.(at)
    const input = inputOf(at)
    try {
      if (checkInput(input)) accepted++
    } catch (error) {
      throw new CompilerFailure(at, input, error)
    }
  }
  return { accepted, refused: inputs - accepted }
}

/** An input that breaks a property, with the text that can be kept as a test. */
export class CompilerFailure extends Error {
  constructor(seed: number, { name, source, changes }: ProtoInput, cause: unknown) {
    const text =
      source.length > MOST_PRINTED ? `${source.length} bytes` : JSON.stringify(Buffer.from(source).toString("latin1"))
    super(`seed ${seed}: ${name}, ${changes.join("; ")}:\n${text}`, { cause })
  }
}

const MOST_PRINTED = 4_000

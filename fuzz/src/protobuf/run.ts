import type { CodecPair } from "../../../packages/tools/dist/test-support/codec-pairs.js"
import { checkInput } from "./check-input.js"
import { type Input, inputOf } from "./inputs.js"

export interface RunOptions {
  readonly inputs: number
  /** The first seed; each input has the next one. */
  readonly seed: number
  readonly pairs: readonly CodecPair[]
  /** Told now and again how far it has got. */
  readonly progress?: (done: number) => void
}

/**
 * Checks `inputs` inputs; returns how many came to which outcome.
 * @throws InputFailure at the first on which the codecs differ
 */
export function runProtobuf({ inputs, seed, pairs, progress }: RunOptions): Map<string, number> {
  const outcomes = new Map<string, number>()
  const { stackTraceLimit } = Error
  // Half of the inputs end in errors of which nobody reads the stack.
  Error.stackTraceLimit = 0
  try {
    for (let i = 0; i < inputs; i++) {
      const input = inputOf(seed + i, pairs)
      const outcome = checked(input, seed + i)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      if (i % 10_000 === 9999) progress?.(i + 1)
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  return outcomes
}

function checked(input: Input, seed: number): string {
  try {
    return checkInput(input)
  } catch (error) {
    throw new InputFailure(seed, input, error as Error)
  }
}

/** An input on which the codecs differ. */
export class InputFailure extends Error {
  constructor(seed: number, { pair, bytes }: Input, cause: Error) {
    const hex = Buffer.from(bytes).toString("hex")
    super(`seed ${seed}: ${pair.schema.typeName} ${hex}: ${cause.message}`, { cause })
  }
}

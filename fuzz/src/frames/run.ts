import { checkInput, type Input, type Outcome } from "./check-input.js"
import { inputOf } from "./inputs.js"

export interface RunOptions {
  readonly inputs: number
  /** The first seed; each input has the next one. */
  readonly seed: number
  /** Told now and again how far it has got. */
  readonly progress?: (done: number) => void
}

export interface RunResult {
  readonly inputs: number
  readonly frames: number
  /** How many connections ended in which way. */
  readonly ends: ReadonlyMap<string, number>
}

/** Checks `inputs` inputs. @throws InputFailure at the first that breaks a property */
export function runFrames({ inputs, seed, progress }: RunOptions): RunResult {
  const ends = new Map<string, number>()
  let frames = 0
  const { stackTraceLimit } = Error
  // Most inputs end in an error of the peer's, of which nobody reads the stack.
  Error.stackTraceLimit = 0
  for (let i = 0; i < inputs; i++) {
    const input = inputOf(seed + i)
    const outcome = checked(input, seed + i)
    frames += outcome.frames
    ends.set(outcome.end, (ends.get(outcome.end) ?? 0) + 1)
    if (i % 10_000 === 9999) progress?.(i + 1)
  }
  Error.stackTraceLimit = stackTraceLimit
  return { inputs, frames, ends }
}

function checked(input: Input, seed: number): Outcome {
  try {
    return checkInput(input)
  } catch {
    Error.stackTraceLimit = 30
    throw new InputFailure(seed, input, failureOf(input))
  }
}

/** The same again, for the sake of the stack. */
function failureOf(input: Input): unknown {
  try {
    checkInput(input)
    return new Error("it failed, and when it was tried again it did not")
  } catch (error) {
    return error
  }
}

/** An input that breaks a property, in a form that can be kept as a fixture. */
export class InputFailure extends Error {
  readonly fixture: string

  constructor(seed: number, { role, turns }: Input, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`seed ${seed}, ${role}: ${reason}`, { cause })
    const hex = turns.map((turn) => Buffer.from(turn).toString("hex"))
    this.fixture = JSON.stringify({ found: `seed ${seed}`, reason, role, turns: hex }, undefined, 2)
  }
}

import { Bases } from "./bases.js"
import { type Agreement, agreementOf, type MutantFile, mutantOf, ourVerdictOn } from "./compare-mutant.js"
import { Protoc, type Verdict } from "./protoc-verdict.js"

/** A mutant on which we and protoc are not of one mind, be it in a word. */
export interface Disagreement {
  readonly mutant: MutantFile
  readonly agreement: Agreement
  readonly protoc: Verdict
  readonly ours: Verdict
}

export interface MutationReport {
  /** How many there were of which protoc has told its mind. */
  readonly compared: number
  /** By both. */
  readonly accepted: { readonly count: number; readonly descriptors: number }
  /** By both, and on how many of these the messages agree. */
  readonly refused: {
    readonly count: number
    readonly firstPlaces: number
    readonly firstMessages: number
    readonly allErrors: number
  }
  /** How many of those that both accept or both refuse have the same. */
  readonly warnings: number
  readonly disagreements: readonly Disagreement[]
}

export interface MutationRun {
  readonly mutants: number
  /** The first; each mutant has the next one. */
  readonly seed: number
  readonly progress?: (done: number) => void
}

/** Compiles mutants with protoc and with our compiler, and compares what both say. */
export async function runMutations({ mutants, seed, progress }: MutationRun): Promise<MutationReport> {
  const bases = new Bases()
  const agreements: Agreement[] = []
  const disagreements: Disagreement[] = []
  let next = seed
  const work = async (): Promise<void> => {
    const program = new Protoc()
    try {
      while (next < seed + mutants) {
        const mutant = mutantOf(next++, bases)
        const asked = program.verdictOn(mutant.name, mutant.source, mutant.root)
        const ours = ourVerdictOn(mutant)
        const protoc = await asked
        const agreement = agreementOf(protoc, ours)
        agreements.push(agreement)
        const { verdict, allErrors, warnings } = agreement
        if (verdict !== "same" || allErrors === false || warnings === false) {
          disagreements.push({ mutant, agreement, protoc, ours })
        }
        progress?.(agreements.length)
      }
    } finally {
      program.close()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const count = (condition: (agreement: Agreement) => boolean | undefined): number =>
    agreements.filter(condition).length
  return {
    compared: count(({ verdict }) => verdict !== "protoc crashes"),
    accepted: {
      count: count(
        ({ verdict, firstPlace }) =>
          verdict === "descriptors differ" || (verdict === "same" && firstPlace === undefined),
      ),
      descriptors: count(({ verdict, firstPlace }) => verdict === "same" && firstPlace === undefined),
    },
    refused: {
      count: count(({ firstPlace }) => firstPlace !== undefined),
      firstPlaces: count(({ firstPlace }) => firstPlace),
      firstMessages: count(({ firstMessage }) => firstMessage),
      allErrors: count(({ allErrors }) => allErrors),
    },
    warnings: count(({ warnings }) => warnings),
    disagreements: disagreements.sort((a, b) => a.mutant.seed - b.mutant.seed),
  }
}

/** One is at work in protoc while another is in our compiler. */
const AT_ONCE = 3

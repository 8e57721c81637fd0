import type { Cores } from "../measure/cores.js"
import type { Figure } from "../measure/figure.js"

/** Something that is measured, of us and of the peers, in turns. */
export interface Workload {
  /** What `--only` calls it. */
  readonly name: string
  readonly title: string
  run(bench: Bench): Promise<Figure[]>
}

/** How to measure, and whom to tell how far it is. */
export interface Bench {
  readonly cores: Cores
  /** How often each side is measured, in turns; medians are taken. */
  readonly runs: number
  /** How long each measurement should take. */
  readonly seconds: number
  progress(text: string): void
  /** Something cannot be measured here: it is said at the end, with how to get what is missing. */
  skip(what: string, howToGetIt: string): void
}

/** One line of the table: the same thing measured of us and of a peer. */
export interface Figure {
  readonly workload: string
  /** What was measured: `CPU µs/request`. */
  readonly what: string
  readonly ours: number
  readonly peer: string
  readonly theirs: number
  /** How many times better ours is. */
  readonly ratio: number
  /** The ratio to reach, where there is one. */
  readonly goal: number | undefined
}

/** A figure of which less is better: CPU, time, memory. */
export function lessIsBetter(
  workload: string,
  what: string,
  ours: number,
  peer: string,
  theirs: number,
  goal?: number,
): Figure {
  return { workload, what, ours, peer, theirs, ratio: theirs / ours, goal }
}

/** A figure of which more is better: requests, messages or bytes a second. */
export function moreIsBetter(...given: Parameters<typeof lessIsBetter>): Figure {
  const figure = lessIsBetter(...given)
  return { ...figure, ratio: figure.ours / figure.theirs }
}

/** A line that goes with a diagnostic, worked out only when it will be shown. */
export type Hint = () => string | undefined

/** "did you mean `X`?" for the candidate closest to what was written; undefined when none is close. */
export function didYouMean(written: string, candidates: Iterable<string>): string | undefined {
  const name = closest(written, candidates)
  return name === undefined ? undefined : `did you mean \`${name}\`?`
}

/**
 * The candidate that most likely was meant: of those that a few slips of the finger lead to (a third of the letters, three
 * at most; capitals are none), the one that takes the fewest; of equal ones, the first. Never the word itself.
 */
export function closest(written: string, candidates: Iterable<string>): string | undefined {
  if (written.length > LONGEST) return undefined
  const folded = written.toLowerCase()
  let best: string | undefined
  let bound = Math.min(3, Math.floor(written.length / 3))
  for (const candidate of candidates) {
    if (candidate === written || Math.abs(candidate.length - written.length) > bound) continue
    const distance = slips(folded, candidate.toLowerCase(), bound)
    if (distance > bound) continue
    best = candidate
    // Only what is closer still can take its place.
    bound = distance - 1
    if (bound < 0) break
  }
  return best
}

/** No name that people type is longer; what is, would only take time. */
const LONGEST = 200

/**
 * How many letters were left out, put in, replaced, or swapped with their neighbour (the optimal string alignment
 * distance); anything above `bound` when it is more than that.
 */
export function slips(from: string, to: string, bound: number): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const current = [i]
    let least = i
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1]
      let cost = Math.min(previous[j - 1]! + (isSame ? 0 : 1), previous[j]! + 1, current[j - 1]! + 1)
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        cost = Math.min(cost, beforePrevious[j - 2]! + 1)
      }
      current.push(cost)
      if (cost < least) least = cost
    }
    if (least > bound) return least
    beforePrevious = previous
    previous = current
  }
  return previous[to.length]!
}

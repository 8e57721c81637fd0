/**
 * The name that was most likely meant by one that nobody knows: capitals, points and underscores count for nothing, and of
 * the rest a quarter and one may be wrong, or a part be missing: `timeout` for `timeoutMs`, `max_age` for `maxAgeMs`.
 */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  const wanted = foldedName(written)
  if (wanted.length > LONGEST) return undefined
  let nearest: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const name of names) {
    const candidate = foldedName(name)
    const distance = editDistance(wanted, candidate)
    if (distance >= least || !(distance <= 1 + wanted.length / 4 || isPart(wanted, candidate))) continue
    nearest = name
    least = distance
  }
  return nearest
}

/** A name as it is in all ways of writing it: `say_hello`, `SayHello` and `sayHello` are one. */
export function foldedName(name: string): string {
  return name
    .replace(/^grpc\./, "")
    .replace(/[^a-zA-Z0-9]/g, "")
    .toLowerCase()
}

/** Nobody types longer ones; what is longer would only take time. */
const LONGEST = 100

/** Whether one is a part of the other, and long enough to say something. */
function isPart(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= 3 && (a.includes(b) || b.includes(a))
}

/** How many letters have to be put in, left out or replaced to get from one to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}

import { parseArgs } from "node:util"
import { knownDisagreements } from "./known-disagreements.js"
import { type Disagreement, runMutations } from "./run.js"

// Prints how far we and protoc agree on mutated files, and each one on which we do not. Ends with 1 when there is one more
// than is known, or when messages agree less often than they did when this was written.

const { values } = parseArgs({
  options: { full: { type: "boolean", default: false }, mutants: { type: "string" }, seed: { type: "string" } },
})
const mutants = Number(values.mutants ?? (values.full ? 20_000 : 500))
const seed = Number(values.seed ?? 1)
const report = await runMutations({
  mutants,
  seed,
  progress: (done) => process.stderr.isTTY && done % 100 === 0 && process.stderr.write(`\r${done} of ${mutants}`),
})
const { compared, accepted, refused, disagreements } = report
console.log(`${mutants} mutants, seeds ${seed} to ${seed + mutants - 1}`)
console.log(`accepted or refused as by protoc: ${share(accepted.count + refused.count, compared)}`)
console.log(`of the accepted: the same descriptor ${share(accepted.descriptors, accepted.count)}`)
console.log(`of the refused: the first message's place ${share(refused.firstPlaces, refused.count)}`)
console.log(`                the first message ${share(refused.firstMessages, refused.count)}`)
console.log(`                all messages ${share(refused.allErrors, refused.count)}`)
console.log(`of all: the same warnings ${share(report.warnings, accepted.count + refused.count)}`)

const unknown: Disagreement[] = []
const known = new Map<string, Disagreement[]>(knownDisagreements.map(({ reason }) => [reason, []]))
for (const disagreement of disagreements) {
  const match = knownDisagreements.find(({ covers }) => covers(disagreement))
  if (match) known.get(match.reason)!.push(disagreement)
  else unknown.push(disagreement)
}
for (const [reason, found] of known) {
  if (found.length > 0) console.log(`known, ${found.length}: ${reason} (seed ${found[0]!.mutant.seed})`)
}
for (const disagreement of unknown) console.log(describe(disagreement))
if (unknown.some(({ agreement }) => agreement.verdict !== "same") || refused.firstPlaces < refused.count * 0.99) {
  process.exitCode = 1
}

function share(part: number, whole: number): string {
  return `${part}/${whole} (${whole === 0 ? 100 : Math.floor((part / whole) * 10_000) / 100} %)`
}

function describe({ mutant, agreement, protoc, ours }: Disagreement): string {
  const { verdict } = agreement
  const what = verdict !== "same" ? verdict : agreement.allErrors === false ? "other messages" : "other warnings"
  const only = (lines: readonly string[], others: readonly string[]): string[] => {
    const left = lines.filter((line) => !others.includes(line))
    return left.length > 0 || lines.length === 0 ? left : ["the same lines in another order"]
  }
  return [
    `seed ${mutant.seed}: ${what}: ${mutant.name}: ${mutant.changes.join("; ")}`,
    ...only(protoc.lines, ours.lines).map((line) => `  protoc: ${line}`),
    ...only(ours.lines, protoc.lines).map((line) => `  ours:   ${line}`),
  ].join("\n")
}

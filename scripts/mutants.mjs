import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join, posix, resolve } from "node:path"
import { ensureInstalled } from "./install.mjs"
import { CommandFailed, main, root, runNpm, step } from "./step.mjs"

const usage = `npm run mutants [-- PART … --file NAME --concurrency N]

Changes the code in every small way that StrykerJS knows, one at a time, and looks whether a test fails. What survives is
printed: it wants a test, or a line among the equal ones of mutants/parts/PART.json that says why nobody could tell.
The totals of whole parts go into the table of docs/mutants.md. Exit 1 when a part is below 80 %.

  PART             hpack, flow-control …: the files of mutants/parts; all when none is named
  --file NAME      only the files whose path ends so; leaves the table as it is
  --concurrency N  how many mutants at a time (default 1)`

const folder = join(root, "mutants")
const scratch = join(root, ".cache", "mutants")
const page = join(root, "docs", "mutants.md")
const leastScore = 80

await main(usage, { file: { type: "string" }, concurrency: { type: "string", default: "1" } }, mutate, {
  allowPositionals: true,
})

async function mutate({ file, concurrency }, names) {
  const known = (await readdir(join(folder, "parts"))).map((name) => name.replace(/\.json$/, ""))
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new CommandFailed(`no part ${unknown.join(", ")}; there are: ${known.join(", ")}`, 2)
  await ensureInstalled()
  await ensureStryker()
  const low = []
  for (const name of names.length > 0 ? names : known) {
    const part = JSON.parse(await readFile(join(folder, "parts", `${name}.json`), "utf8"))
    const texts = await textsOf(part)
    const results = await step(`mutating ${name}`, () => mutantsOf(name, part, file, Number(concurrency)))
    const totals = judge(part, results, texts, file === undefined)
    console.log(`${name}: ${JSON.stringify(totals)}`)
    if (file !== undefined) continue
    await writeRow(name, totals)
    if (totals.score < leastScore) low.push(name)
  }
  if (low.length > 0) throw new CommandFailed(`below ${leastScore} %: ${low.join(", ")}`)
}

async function ensureStryker() {
  if ((await strykerIn("node_modules/.package-lock.json")) === (await strykerIn("package-lock.json"))) return
  await step("installing StrykerJS: npm ci", () => runNpm(["ci", "--loglevel=error"], { cwd: folder }))
}

/** The version of StrykerJS by one of npm's files, or undefined when there is none. */
async function strykerIn(file) {
  const text = await readFile(join(folder, file), "utf8").catch(() => "{}")
  return JSON.parse(text).packages?.["node_modules/@stryker-mutator/core"]?.version
}

/** Every mutant of a part, with what became of it. */
async function mutantsOf(name, part, file, concurrency) {
  await mkdir(scratch, { recursive: true })
  const sources = `packages/${part.package}/src`
  const mutate = part.mutate.filter((path) => path.endsWith(file ?? ""))
  const tests = part.tests.map((path) => posix.join(sources, path))
  const folders = new Set([sources, ...tests.filter((path) => !path.startsWith(sources)).map(posix.dirname)])
  const { runStryker } = await import(join(folder, "stryker.mjs"))
  return runStryker({
    mutate: mutate.map((path) => `${sources}/${path}`),
    ignorePatterns: ["**", ...[...folders].map((path) => `!${path}/**`)],
    symlinkNodeModules: false,
    tempDirName: ".cache/mutants",
    cleanTempDir: "always",
    plugins: ["test-runner.mjs", "ignore-error-texts.mjs"].map((path) => join(folder, path)),
    ignorers: ["error-texts"],
    testRunner: "collected",
    leftOut: part.leftOut,
    warnings: { unknownOptions: false },
    coverageAnalysis: "perTest",
    buildCommand: `node ../../../mutants/bundle.mjs ${tests.join(" ")}`,
    // Most mutants that never end are stopped by the count of their turns; these are for the others.
    timeoutMS: 2000,
    timeoutFactor: 2,
    concurrency,
    reporters: ["html", "progress-append-only"],
    htmlReporter: { fileName: join(scratch, `${name}.html`) },
    thresholds: { break: null },
    logLevel: "warn",
  })
}

/** The files of a part as they are before the run: whoever edits them meanwhile moves the lines. */
async function textsOf({ package: workspace, mutate }) {
  const paths = mutate.map((path) => join(root, "packages", workspace, "src", path))
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, "utf8")])))
}

/** Counts the mutants, prints what survived, and takes out what is equal. */
function judge({ package: workspace, equal }, results, texts, whole) {
  const totals = { mutants: 0, killed: 0, timedOut: 0, survived: 0, noCoverage: 0, equal: 0, score: 0 }
  const unused = new Set(equal)
  for (const result of results) {
    if (result.status === "Ignored") continue
    totals.mutants++
    if (result.status === "Killed") totals.killed++
    else if (result.status === "Timeout") totals.timedOut++
    else if (result.status === "Survived" || result.status === "NoCoverage") {
      const mutant = describe(workspace, result, texts.get(resolve(root, result.fileName)))
      const same = equal.find(({ file, line, change }) => `${file} ${line} ${change}` === mutant.key)
      if (same !== undefined) {
        unused.delete(same)
        totals.equal++
        continue
      }
      totals[result.status === "Survived" ? "survived" : "noCoverage"]++
      console.log(mutant.text)
    } else throw new CommandFailed(`${result.fileName}: ${result.status}: ${result.statusReason}`)
  }
  if (whole && unused.size > 0) {
    console.log(`listed as equal, but noticed this time: ${JSON.stringify([...unused], undefined, 2)}`)
  }
  const score = (100 * (totals.killed + totals.timedOut)) / (totals.mutants - totals.equal)
  return { ...totals, score: Math.floor(score * 10) / 10 }
}

/** A mutant by what it changes, so that it is known again when lines have moved. */
function describe(workspace, { fileName, location, mutatorName, replacement, status }, text) {
  const lines = text.split("\n")
  const { start, end } = location
  const within = lines.slice(start.line - 1, end.line)
  within[within.length - 1] = within.at(-1).slice(0, end.column - 1)
  within[0] = within[0].slice(start.column - 1)
  const sources = `packages/${workspace}/src/`
  const file = fileName.slice(fileName.indexOf(sources) + sources.length)
  const line = lines[start.line - 1].trim()
  const change = `${brief(within.join(" "))} → ${brief(replacement)}`
  return {
    key: `${file} ${line} ${change}`,
    text: `${file}:${start.line} ${mutatorName}${status === "NoCoverage" ? ", no test comes here" : ""}
  "line": ${JSON.stringify(line)},
  "change": ${JSON.stringify(change)}`,
  }
}

function brief(code) {
  const flat = code.replace(/\s+/g, " ")
  return flat.length > 80 ? `${flat.slice(0, 80)}…` : flat
}

async function writeRow(name, totals) {
  const text = await readFile(page, "utf8")
  const { mutants, killed, timedOut, survived, noCoverage, equal, score } = totals
  const row = `| ${[name, mutants, killed, timedOut, survived, noCoverage, equal, `${score.toFixed(1)} %`].join(" | ")} |`
  const old = new RegExp(`^\\| ${name} \\|.*$`, "m")
  if (!old.test(text)) throw new CommandFailed(`docs/mutants.md has no row for ${name}`)
  await writeFile(page, text.replace(old, row))
}

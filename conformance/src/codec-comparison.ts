import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { generate } from "@farcall/tools"
import { type CodecPair, pairsOf } from "../../packages/tools/dist/test-support/codec-pairs.js"
import {
  compareMalformed,
  compareMerged,
  compareValues,
} from "../../packages/tools/dist/test-support/compare-codecs.js"
import { proto3Corpus, sample } from "./descriptor-identity.js"
import { compiledBatches } from "./generated-corpus.js"

const CACHE: string = fileURLToPath(new URL("../.cache", import.meta.url))
const SYNTAXES: string = fileURLToPath(new URL("../proto-syntaxes", import.meta.url))
const require = createRequire(import.meta.url)

/**
 * Generates TypeScript for files of the corpus and type-checks it, as strictly as TypeScript can, into `folder`. Beside them
 * are a file of proto2 and one of an edition that have all that these have and proto3 has not.
 */
export function generateCorpus(names: readonly string[], folder: string): { files: number; complaints: string } {
  mkdirSync(join(folder, "src"), { recursive: true })
  let files = 0
  const write = (path: string, text: string): void => {
    const target = join(folder, "src", path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
    files++
  }
  for (const batch of compiledBatches(names)) for (const { path, text } of generate(batch.files)) write(path, text)
  for (const batch of compiledBatches(["legacy.proto", "edition.proto"], SYNTAXES)) {
    for (const { path, text } of generate(batch.files)) write(path, text)
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }')
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(strictest))
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc")
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8", maxBuffer: 1 << 28 })
  return { files, complaints: stdout + stderr }
}

const strictest = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023"],
    types: [],
    module: "nodenext",
    rootDir: "src",
    outDir: "dist",
    declaration: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    isolatedDeclarations: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
  },
  include: ["src"],
}

/** The schemas and codecs that one file's generated code exports. */
async function pairsIn(folder: string, name: string): Promise<CodecPair[]> {
  const load = (suffix: string): Promise<object> =>
    import(pathToFileURL(join(folder, "dist", name.replace(/\.proto$/, `_${suffix}.js`))).href)
  return pairsOf(await load("pb"), await load("codec"))
}

/** Compares codecs with @bufbuild/protobuf on values, merged messages and malformed bytes; throws at what differs. */
export async function compareFile(folder: string, name: string, runs: number): Promise<number> {
  const pairs = await pairsIn(folder, name)
  for (const pair of pairs) {
    compareValues(pair, runs)
    compareMerged(pair, runs)
    compareMalformed(pair, runs)
  }
  return pairs.length
}

export interface ComparisonReport {
  readonly protoFiles: number
  readonly generatedFiles: number
  /** How many message types had their codecs compared. */
  readonly messages: number
  /** What TypeScript complained of; nothing, if all is well. */
  readonly complaints: string
}

/**
 * Generates and type-checks, and then compares the codecs of some of the files, and of proto2 and editions.
 * @param compared how many of the files have their codecs compared
 */
export async function compareCodecs(
  names: readonly string[],
  compared: number,
  runs: number,
): Promise<ComparisonReport> {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, "corpus-"))
  try {
    const { files, complaints } = generateCorpus(names, folder)
    let messages = await compareFile(folder, "legacy.proto", runs)
    messages += await compareFile(folder, "edition.proto", runs)
    for (const name of sample(names, compared, 1)) messages += await compareFile(folder, name, 3)
    return { protoFiles: names.length, generatedFiles: files, messages, complaints }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Files for each run of TypeScript, which needs some gigabytes for a thousand of them. */
const CHUNK = 500

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const corpus = proto3Corpus()
  // All of the corpus takes TypeScript a quarter of an hour.
  const names = process.argv.includes("--full") ? corpus : sample(corpus, 2 * CHUNK, 1)
  let clean = 0
  let messages = 0
  for (let i = 0; i < names.length; i += CHUNK) {
    const chunk = names.slice(i, i + CHUNK)
    const report = await compareCodecs(chunk, 50, 100)
    if (report.complaints === "") clean += chunk.length
    else console.error(report.complaints.slice(0, 4000))
    messages += report.messages
  }
  console.log(`generated code type-checks: ${clean}/${names.length} (of ${corpus.length} files)`)
  console.log(`codecs of ${messages} message types like @bufbuild/protobuf`)
  if (clean < names.length || names.length === 0) process.exitCode = 1
}

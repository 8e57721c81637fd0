import { existsSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"
import { type GeneratedFile, generate } from "@farcall/tools"
import { type CodecPair, pairsOf } from "../../packages/tools/dist/test-support/codec-pairs.js"
import {
  compareMalformed,
  compareMerged,
  compareValues,
} from "../../packages/tools/dist/test-support/compare-codecs.js"
import { proto3Corpus, sample } from "./descriptor-identity.js"
import { compiledBatches } from "./generated-corpus.js"
import { TypeScriptProject } from "./generated-types.js"

const SYNTAXES: string = fileURLToPath(new URL("../proto-syntaxes", import.meta.url))

/**
 * Generates TypeScript for files of the corpus and type-checks it, as strictly as TypeScript can. Beside them are a file of
 * proto2 and one of an edition that have all that these have and proto3 has not.
 */
export async function generateCorpus(
  names: readonly string[],
  project: TypeScriptProject,
): Promise<{ files: number; complaints: string }> {
  let files = 0
  const write = (generated: readonly GeneratedFile[]): void => {
    project.write(generated)
    files += generated.length
  }
  for (const batch of compiledBatches(names)) write(generate(batch.files))
  for (const batch of compiledBatches(["legacy.proto", "edition.proto"], SYNTAXES)) write(generate(batch.files))
  return { files, complaints: await project.typeCheck() }
}

/** The schemas and codecs that one file's generated code exports. */
async function pairsIn(project: TypeScriptProject, name: string): Promise<CodecPair[]> {
  const load = async (suffix: string): Promise<object> => {
    const path = project.compiled(name.replace(/\.proto$/, `_${suffix}`))
    // A file without messages has no codecs.
    return suffix === "codec" && !existsSync(path) ? {} : import(pathToFileURL(path).href)
  }
  return pairsOf(await load("pb"), await load("codec"))
}

/** Compares codecs with @bufbuild/protobuf on values, merged messages and malformed bytes; throws at what differs. */
export async function compareFile(project: TypeScriptProject, name: string, runs: number): Promise<number> {
  const pairs = await pairsIn(project, name)
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
  const project = new TypeScriptProject()
  try {
    const { files, complaints } = await generateCorpus(names, project)
    let messages = await compareFile(project, "legacy.proto", runs)
    messages += await compareFile(project, "edition.proto", runs)
    for (const name of sample(names, compared, 1)) messages += await compareFile(project, name, 3)
    return { protoFiles: names.length, generatedFiles: files, messages, complaints }
  } finally {
    project.remove()
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

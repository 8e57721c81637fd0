import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { create, fromBinary, toBinary } from "@bufbuild/protobuf"
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt"
import { generate } from "@farcall/tools"
import { proto3Corpus, sample } from "./descriptor-identity.js"
import { type CompiledBatch, compiledBatches } from "./generated-corpus.js"

/** A generated file whose text is not protoc-gen-es's, and the first line that differs. */
export interface TextDifference {
  readonly file: string
  readonly line: number
  readonly ours: string
  readonly theirs: string
}

/**
 * Compares each `x_pb.ts` with what protoc-gen-es writes for the same file: names, types, schemas, comments, imports and
 * embedded descriptors, which is everything below the head of the file.
 */
export function comparePbFiles(names: readonly string[]): { compared: number; differences: TextDifference[] } {
  const differences: TextDifference[] = []
  let compared = 0
  for (const batch of compiledBatches(names)) {
    const ours = new Map(generate(batch.files).map(({ path, text }) => [path, text]))
    for (const [path, text] of protocGenEs(batch)) {
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

/** Runs the plugin as protoc would: a request on stdin, a response on stdout. */
function protocGenEs({ files }: CompiledBatch): Map<string, string> {
  const request = create(CodeGeneratorRequestSchema, {
    fileToGenerate: files.map((file) => file.proto.name),
    parameter: "target=ts,import_extension=js",
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
 * The files to compare in a reasonable time: protoc-gen-es looks through all of a file for each of its elements, so that
 * the largest files of the corpus would take it hours.
 */
export function comparablePbFiles(names: readonly string[]): string[] {
  const small: string[] = []
  for (const { files } of compiledBatches(names)) {
    for (const file of files) if (placesIn(file.proto) < MANY_PLACES) small.push(file.proto.name)
  }
  return small
}

const MANY_PLACES = 1500

function placesIn({ sourceCodeInfo }: FileDescriptorProto): number {
  return sourceCodeInfo?.location.length ?? 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const corpus = proto3Corpus()
  const names = process.argv.includes("--full") ? corpus : comparablePbFiles(sample(corpus, 1500, 1))
  const { compared, differences } = comparePbFiles(names)
  for (const { file, line, ours, theirs } of differences.slice(0, 20)) {
    console.error(`${file}:${line}: ours is ${ours.slice(0, 200)}\n  theirs ${theirs.slice(0, 200)}`)
  }
  console.log(`x_pb.ts like protoc-gen-es's: ${compared - differences.length}/${compared} (of ${corpus.length} files)`)
  if (differences.length > 0 || compared === 0) process.exitCode = 1
}

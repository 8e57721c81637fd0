import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { create, createFileRegistry } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { compile, formatDiagnostic } from "../compile/index.js"
import { type GeneratedFile, generate } from "../generate/generate.js"
import { type CodecPair, pairsOf } from "./codec-pairs.js"

const CACHE: string = fileURLToPath(new URL("../../../../.cache/generated", import.meta.url))
const require = createRequire(import.meta.url)

/** What was generated for some .proto files, compiled and ready to load. */
export class GeneratedModules {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  load(proto: string, kind: "pb" | "codec"): Promise<object> {
    return import(pathToFileURL(join(this.#folder, proto.replace(/\.proto$/, `_${kind}.js`))).href)
  }

  /** The schemas and codecs of all messages of one file. */
  async pairs(proto: string): Promise<CodecPair[]> {
    return pairsOf(await this.load(proto, "pb"), await this.load(proto, "codec"))
  }
}

/**
 * Generates TypeScript for .proto files that stand in `folder` and turns it into JavaScript, unless the very same has
 * been made before. Files that are too many to be kept in the repository are had in this way.
 */
export function generatedModules(folder: string, protos: readonly string[]): GeneratedModules {
  const files = generateAll(folder, protos)
  const digest = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16)
  const made = join(CACHE, digest)
  if (!existsSync(made)) {
    mkdirSync(CACHE, { recursive: true })
    removeOld()
    const workshop = mkdtempSync(join(CACHE, "making-"))
    try {
      compileInto(workshop, files)
      putInPlace(join(workshop, "dist"), made)
    } finally {
      rmSync(workshop, { recursive: true })
    }
  }
  return new GeneratedModules(made)
}

const WEEK_MS = 7 * 24 * 3600 * 1000

/** Whatever the generator wrote before it was changed is of no use any more. */
function removeOld(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name)
    // Another process may be here too.
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (made !== undefined && Date.now() - made > WEEK_MS) rmSync(path, { recursive: true, force: true })
  }
}

function generateAll(folder: string, protos: readonly string[]): GeneratedFile[] {
  const read = (name: string): Uint8Array | undefined => {
    const path = join(folder, name)
    return existsSync(path) ? readFileSync(path) : undefined
  }
  const { files, diagnostics } = compile({ files: [...protos], read })
  const error = diagnostics.find(({ severity }) => severity === "error")
  if (error !== undefined) throw new Error(formatDiagnostic(error))
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files }))
  return generate(protos.map((name) => registry.getFile(name)!))
}

function compileInto(workshop: string, files: readonly GeneratedFile[]): void {
  for (const { path, text } of files) {
    const target = join(workshop, "src", path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
  }
  writeFileSync(join(workshop, "package.json"), '{ "type": "module" }')
  // Whether generated code type-checks is asked elsewhere, of much more of it.
  const compilerOptions = {
    target: "es2023",
    module: "nodenext",
    verbatimModuleSyntax: true,
    rootDir: "src",
    outDir: "dist",
    types: [],
    noCheck: true,
  }
  writeFileSync(join(workshop, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }))
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc")
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", workshop], { encoding: "utf8" })
  if (status !== 0) throw new Error(stdout)
  writeFileSync(join(workshop, "dist/package.json"), '{ "type": "module" }')
}

/** Another process may have made the same meanwhile. */
function putInPlace(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}

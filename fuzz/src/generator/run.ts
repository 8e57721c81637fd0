import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { create, createFileRegistry } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { compile, type GeneratedFile, type GenerateOptions, generate } from "@farcall/tools"
import { hostileFile } from "./inputs.js"

export interface RunOptions {
  readonly inputs: number
  /** The first seed; each input has the next one. */
  readonly seed: number
  readonly progress?: (done: number) => void
}

export interface RunResult {
  /** Files that the compiler takes, and whose code was therefore generated, compiled and loaded. */
  readonly loaded: number
  /** Those in which names clash. */
  readonly refused: number
  readonly modules: number
}

/** So many files are compiled by one run of TypeScript. */
const BATCH = 100

/** Generates code for hostile files, compiles and loads it. @throws GeneratorFailure when it is no code, or did something */
export async function runGenerator({ inputs, seed, progress }: RunOptions): Promise<RunResult> {
  let loaded = 0
  let modules = 0
  for (let done = 0; done < inputs; done += BATCH) {
    progress?.(done)
    const result = await runBatch(seed + done, Math.min(BATCH, inputs - done))
    loaded += result.loaded
    modules += result.modules
  }
  return { loaded, refused: inputs - loaded, modules }
}

/** What was generated is not what it should be; the seed says for which file. */
export class GeneratorFailure extends Error {}

async function runBatch(seed: number, count: number): Promise<{ loaded: number; modules: number }> {
  const parent = fileURLToPath(new URL("../../../.cache/fuzz-generator/", import.meta.url))
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, "batch-"))
  try {
    const generated = new Map<number, GeneratedFile[]>()
    for (let at = seed; at < seed + count; at++) {
      const files = generateFor(at)
      if (files === undefined) continue
      generated.set(at, files)
      for (const { path, text } of files) write(join(folder, "src", `s${at}`, path), text)
    }
    compileAll(folder)
    let modules = 0
    for (const [at, files] of generated) {
      for (const { path } of files) {
        await load(at, join(folder, "dist", `s${at}`, path.replace(/\.ts$/, ".js")))
        modules++
      }
    }
    return { loaded: generated.size, modules }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Every option in turn. */
function optionsOf(seed: number): GenerateOptions {
  return {
    enums: seed % 2 === 0 ? "enum" : "object",
    jsonTypes: seed % 3 === 0,
    index: seed % 5 === 0,
  }
}

/** `undefined`: the compiler does not take the file. */
function generateFor(seed: number): GeneratedFile[] | undefined {
  const { name, text } = hostileFile(seed)
  const { files, diagnostics } = compile({
    files: [name],
    read: (read) => (read === name ? text : undefined),
    includeSourceInfo: true,
  })
  if (diagnostics.some(({ severity }) => severity === "error")) return undefined
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files }))
  return generate([registry.getFile(name)!], optionsOf(seed))
}

function compileAll(folder: string): void {
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023"],
    types: [],
    module: "nodenext",
    rootDir: "src",
    outDir: "dist",
    strict: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    isolatedDeclarations: true,
    declaration: true,
    skipLibCheck: true,
  }
  write(join(folder, "package.json"), '{ "type": "module" }')
  write(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }))
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc")
  try {
    execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8", maxBuffer: 1 << 28 })
  } catch (error) {
    const said = (error as { stdout?: string }).stdout ?? String(error)
    const seed = /src\/s(\d+)\//.exec(said)?.[1]
    throw new GeneratorFailure(`seed ${seed}: what was generated does not compile:\n${said.slice(0, 2000)}`)
  }
}

async function load(seed: number, path: string): Promise<void> {
  const inherited = Object.getOwnPropertyNames(Object.prototype).length
  if (!existsSync(path)) throw new GeneratorFailure(`seed ${seed}: ${path} was not made`)
  let module: object
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    throw new GeneratorFailure(`seed ${seed}: ${path} cannot be loaded: ${String(error)}`)
  }
  if ("escaped" in globalThis) throw new GeneratorFailure(`seed ${seed}: ${path} has run what was a text`)
  if (
    Object.getOwnPropertyNames(Object.prototype).length !== inherited ||
    Object.getPrototypeOf({}) !== Object.prototype
  ) {
    throw new GeneratorFailure(`seed ${seed}: ${path} has changed what every object inherits`)
  }
  if (Object.keys(module).length === 0) throw new GeneratorFailure(`seed ${seed}: ${path} exports nothing`)
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

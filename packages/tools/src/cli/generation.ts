import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { type CompileResult, compile } from "../compile/index.js"
import { UnusableName } from "../generate/check-names.js"
import { filesToGenerate, type GeneratedFile, generateFile } from "../generate/generate.js"
import { indexFiles } from "../generate/index-files.js"
import { moduleLayout } from "../generate/modules.js"
import type { GenerateOptions } from "../generate/options.js"
import { InputError } from "./input-error.js"
import { Progress } from "./progress.js"
import { findProtoFiles } from "./proto-files.js"
import type { Report } from "./report.js"
import { SearchPath } from "./search-path.js"

/** What to generate from. */
interface GenerationInput {
  /** Paths, folders and patterns. */
  readonly files: readonly string[]
  readonly protoPath: readonly string[]
  readonly options: GenerateOptions
}

/** What a run came to. */
export interface GenerationResult {
  readonly files: readonly GeneratedFile[]
  /** How many .proto files there are, and for how many of them the code was made anew. */
  readonly sources: number
  readonly renewed: number
}

/**
 * Compiles .proto files and generates code for them, again and again: a later run generates only what a change to a file
 * touches, which is that file and those that import it, themselves or by others.
 */
export class Generation {
  readonly #input: GenerationInput
  /** Where on the disk the last run looked for .proto files. */
  #looked: Set<string> = new Set()
  #folders: readonly string[] = []
  #texts: Map<string, Uint8Array> = new Map()
  readonly #generated: Map<string, GeneratedFile[]> = new Map()

  constructor(input: GenerationInput) {
    this.#input = input
  }

  /** The files whose changes matter, those included that are not there yet. */
  get looked(): ReadonlySet<string> {
    return this.#looked
  }

  /** The folders in which any further .proto file would be taken too. */
  get folders(): readonly string[] {
    return this.#folders
  }

  /** `undefined` when something is wrong, which the report then has. */
  run(report: Report): GenerationResult | undefined {
    const found = this.#find(report)
    if (found === undefined) return undefined
    const { names, searchPath } = found
    const texts = new Map<string, Uint8Array>()
    const progress = new Progress("reading", names.length, process.stderr)
    const read = (name: string): Uint8Array | undefined => {
      for (const path of searchPath.pathsOf(name)) this.#looked.add(path)
      const text = searchPath.read(name)
      if (text !== undefined) texts.set(name, text)
      progress.at(Math.min(texts.size, names.length))
      return text
    }
    const compiled = compile({ files: names, read, list: () => searchPath.list(), includeSourceInfo: true })
    progress.end()
    report.add(compiled.diagnostics, searchPath)
    if (report.hasErrors) return undefined
    try {
      return this.#generate(names, compiled, texts)
    } catch (error) {
      if (!(error instanceof UnusableName)) throw error
      report.problem("error", error.message)
      return undefined
    }
  }

  #find(report: Report): { names: string[]; searchPath: SearchPath } | undefined {
    const { files: inputs, protoPath } = this.#input
    this.#looked = new Set(inputs)
    try {
      const { files, folders, roots } = findProtoFiles(inputs)
      this.#folders = folders
      for (const file of files) this.#looked.add(file)
      const searchPath = new SearchPath(protoPath.length > 0 ? protoPath : roots, report)
      return { names: searchPath.namesOf(files, report), searchPath }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      report.problem("error", error.message, error.hint)
      return undefined
    }
  }

  #generate(names: readonly string[], compiled: CompileResult, texts: Map<string, Uint8Array>): GenerationResult {
    const { options } = this.#input
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: compiled.files }))
    const asked = names.map((name) => registry.getFile(name)!)
    const wanted = filesToGenerate(asked, options)
    const stale = this.#staleFiles(wanted, texts)
    const layout = moduleLayout(wanted, options)
    const progress = new Progress("generating", stale.size, process.stderr)
    let done = 0
    for (const file of stale) {
      this.#generated.set(file.proto.name, generateFile(file, layout, options))
      progress.at(++done)
    }
    progress.end()
    const files = [...wanted].flatMap((file) => this.#generated.get(file.proto.name)!)
    if (options.index) files.push(...indexFiles(files, layout.extension))
    return { files, sources: wanted.size, renewed: stale.size }
  }

  /** The files whose code may not be what it was. */
  #staleFiles(wanted: ReadonlySet<DescFile>, texts: Map<string, Uint8Array>): Set<DescFile> {
    const before = this.#texts
    const wantedNames = new Set([...wanted].map((file) => file.proto.name))
    // Where a file's code is to be had has a bearing on those that import it, as its text has.
    const isGenerated = (name: string): boolean => this.#generated.has(name)
    const known = new Map<string, boolean>()
    const isStale = (file: DescFile): boolean => {
      const { name } = file.proto
      let stale = known.get(name)
      if (stale === undefined) {
        stale =
          !sameBytes(before.get(name), texts.get(name)) ||
          isGenerated(name) !== wantedNames.has(name) ||
          file.dependencies.some(isStale) ||
          file.proto.optionDependency.some((option) => !sameBytes(before.get(option), texts.get(option)))
        known.set(name, stale)
      }
      return stale
    }
    const stale = new Set([...wanted].filter(isStale))
    for (const name of this.#generated.keys()) if (!wantedNames.has(name)) this.#generated.delete(name)
    this.#texts = texts
    return stale
  }
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0)
}

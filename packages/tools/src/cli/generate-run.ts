import { join } from "node:path"
import type { GenerateOptions, Output } from "../generate/options.js"
import { outdatedFiles, removeSuperfluous, writeFiles } from "../generate/write-files.js"
import { CONFIG_FILE, findConfig, type GenerateConfig, readConfig } from "./config-file.js"
import { Generation, type GenerationResult } from "./generation.js"
import { InputError } from "./input-error.js"
import { type DiagnosticFormat, Report } from "./report.js"
import { FileWatcher } from "./watch-files.js"

/** What the command line says beside the files. */
export interface GenerateFlags {
  readonly proto_path: readonly string[]
  readonly out?: string
  readonly config?: string
  readonly watch?: boolean
  readonly check?: boolean
  readonly clean?: boolean
  readonly importExtension?: GenerateConfig["importExtension"]
  readonly map: ReadonlyMap<string, string>
  readonly index?: boolean
  readonly enums?: GenerateConfig["enums"]
  readonly jsonTypes?: boolean
  readonly only?: readonly Output[]
  /** True unless `--no-imports` is said. */
  readonly imports: boolean
  readonly format: DiagnosticFormat
}

/** One command line's work, which can be done again. */
export class GenerateRun {
  readonly #files: readonly string[]
  readonly #flags: GenerateFlags
  readonly #configPath: string | undefined
  /** What is kept from one run to the next, and the settings for which it holds. */
  #kept: { settings: string; generation: Generation } | undefined

  constructor(files: readonly string[], flags: GenerateFlags) {
    this.#files = files
    this.#flags = flags
    this.#configPath = flags.config ?? findConfig(process.cwd())
  }

  /** Returns whether all is well; when it is not, nothing is written. */
  once(): boolean {
    const report = new Report(this.#flags.format)
    let done = false
    try {
      const config = this.#config()
      const result = this.#generation(config).run(report)
      if (result !== undefined) {
        done = this.#flags.check ? this.#check(config, result, report) : this.#write(config, result, report)
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      report.problem("error", error.message, error.hint)
    }
    return !report.print() && done
  }

  /** Runs, and runs again at each change. Ends with the process. */
  watch(): void {
    const runAndWatch = (): void => {
      // What changed between being read and its folder being watched would go unnoticed.
      do {
        if (!this.once()) console.error("nothing was written; what was generated before is as it was")
      } while (watcher.watch(this.#watched(), this.#kept?.generation.folders ?? []))
    }
    const watcher = new FileWatcher(runAndWatch)
    watcher.watch(this.#watched(), [])
    runAndWatch()
    this.#tell("watching for changes; Ctrl+C ends")
  }

  /** Says what was done: to stdout, unless a document is there for programs, and nothing else may stand beside it. */
  #tell(text: string): void {
    if (this.#flags.format === "json") console.error(text)
    else console.log(text)
  }

  #watched(): string[] {
    const config = this.#configPath === undefined ? [] : [this.#configPath]
    return [...config, ...(this.#kept?.generation.looked ?? this.#files)]
  }

  /** The configuration with the command line over it. */
  #config(): GenerateConfig & { files: readonly string[]; out: string } {
    const flags = this.#flags
    const said: GenerateConfig = {
      ...(this.#files.length > 0 && { files: this.#files }),
      ...(flags.proto_path.length > 0 && { protoPath: flags.proto_path }),
      ...(flags.out !== undefined && { out: flags.out }),
      ...(flags.clean && { clean: true }),
      ...(flags.importExtension !== undefined && { importExtension: flags.importExtension }),
      ...(flags.enums !== undefined && { enums: flags.enums }),
      ...(flags.jsonTypes && { jsonTypes: true }),
      ...(flags.index && { index: true }),
      ...(flags.only !== undefined && { only: flags.only }),
      ...(!flags.imports && { imports: false }),
      ...(flags.map.size > 0 && { map: Object.fromEntries(flags.map) }),
    }
    const read = this.#configPath === undefined ? {} : readConfig(this.#configPath)
    const { files, out, ...config } = { ...read, ...said }
    if (files === undefined)
      throw new InputError(`say which .proto files: as arguments, or as "files" in a ${CONFIG_FILE}`)
    if (out === undefined) throw new InputError(`say where to write: with --out, or as "out" in a ${CONFIG_FILE}`)
    return { ...config, files, out }
  }

  #generation(config: GenerateConfig & { files: readonly string[] }): Generation {
    const settings = JSON.stringify(config)
    if (this.#kept?.settings !== settings) {
      const { files, protoPath = [], map, ...rest } = config
      const options: GenerateOptions = { ...rest, map: new Map(Object.entries(map ?? {})) }
      this.#kept = { settings, generation: new Generation({ files, protoPath, options }) }
    }
    return this.#kept.generation
  }

  #write({ out, clean }: { out: string; clean?: boolean }, result: GenerationResult, report: Report): boolean {
    let changed: string[]
    let removed: string[]
    try {
      changed = writeFiles(out, result.files)
      removed = clean ? removeSuperfluous(out, result.files) : []
    } catch (error) {
      report.problem("error", `${out}: ${(error as Error).message}`)
      return false
    }
    if (changed.length > MANY) this.#tell(`wrote ${changed.length} files to ${out}`)
    else for (const path of changed) this.#tell(`wrote ${join(out, path)}`)
    for (const path of removed) this.#tell(`removed ${join(out, path)}`)
    const { files, sources, renewed } = result
    const same = files.length - changed.length
    // One change can be several events: what comes of the later ones is not worth a line.
    if (renewed < sources) {
      if (renewed > 0) this.#tell(`generated again: ${renewed} of ${sources} .proto files`)
    } else if (same > 0) this.#tell(`${same} ${same === 1 ? "file was" : "files were"} up to date`)
    return true
  }

  #check({ out }: { out: string }, result: GenerationResult, report: Report): boolean {
    const outdated = outdatedFiles(out, result.files)
    for (const { path, state } of outdated) report.problem("error", `${join(out, path)} is ${state}`, remedies[state])
    if (outdated.length === 0) this.#tell(`${result.files.length} files are as generated`)
    return outdated.length === 0
  }
}

const remedies = {
  stale: "run farcall generate",
  missing: "run farcall generate",
  superfluous: "nothing makes it any more: run farcall generate --clean",
} as const

/** So many files are no longer named one by one. */
const MANY = 20

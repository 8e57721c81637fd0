import { join } from "node:path"
import { Command, InvalidArgumentError, Option } from "commander"
import {
  enumStyles,
  type GenerateOptions,
  importExtensions,
  type Output,
  outputs,
  parseMapping,
} from "../generate/options.js"
import { outdatedFiles, removeSuperfluous, writeFiles } from "../generate/write-files.js"
import { CONFIG_FILE, findConfig, type GenerateConfig, readConfig } from "./config-file.js"
import { formatOption } from "./format-option.js"
import { Generation, type GenerationResult } from "./generation.js"
import { type DiagnosticFormat, Report } from "./report.js"
import { InputError, searchPathOption } from "./search-path.js"
import { FileWatcher } from "./watch-files.js"

interface GenerateFlags {
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

/** `farcall generate`: TypeScript for .proto files. */
export function generateCommand(): Command {
  return new Command("generate")
    .description("Generate TypeScript from .proto files: messages, their codecs, and gRPC services.")
    .argument("[files...]", ".proto files, folders of them, or patterns; what they import is generated with them")
    .addOption(searchPathOption())
    .option("-o, --out <dir>", "the folder to write to; it is made when it is not there")
    .option("--config <file>", `read this configuration instead of the nearest ${CONFIG_FILE}`)
    .option("-w, --watch", "stay, and generate again whenever one of the files or of their imports changes")
    .option("--check", "write nothing; name the files that are not as they would be written, and exit with 1")
    .option("--clean", "remove generated files that nothing makes any more")
    .addOption(new Option("--import-extension <ext>", "what imports end in; js unless said").choices(importExtensions))
    .addOption(
      new Option(
        "--map <prefix=package>",
        "take the code of files whose name begins so from a package; may be repeated",
      )
        .argParser(addMapping)
        .default(new Map(), "none"),
    )
    .option("--index", "write an index.ts in each folder, of all that is in it")
    .addOption(
      new Option("--enums <style>", "how to write enums: enum unless said, or object for erasableSyntaxOnly").choices(
        enumStyles,
      ),
    )
    .option("--json-types", "write types of the messages' JSON, too")
    .addOption(
      new Option("--only <kinds>", `which files to write; ${outputs.join(",")} unless said`).argParser(parseOutputs),
    )
    .option("--no-imports", "do not generate what the files import")
    .addOption(formatOption())
    .addHelpText("after", helpText)
    .showHelpAfterError("farcall generate --help tells all flags")
    .action((files: string[], flags: GenerateFlags) => {
      const run = new GenerateRun(files, flags)
      if (flags.watch && !flags.check) run.watch()
      else process.exitCode = run.once() ? 0 : 1
    })
}

const helpText = `
For protos/greeter.proto this writes, below the output folder,
  greeter_pb.ts     the types and schemas of its messages and enums, for all of @bufbuild/protobuf
  greeter_codec.ts  what encodes and decodes them, as plain code (only where there are messages)
  greeter_grpc.ts   its services: what createClient and server.add take (only where there are services)
The folders below the -I folder are kept. Files whose text would stay the same are not touched.
The well-known types (google/protobuf/…) are not generated: packages have them.
When anything is wrong, all errors are printed, nothing is written, and the exit code is 1.

A ${CONFIG_FILE} in the working directory or above it can say all this instead; what flags say goes before it.
Without -I, and with folders for files, imports are looked for in these folders, else in the working directory.

Examples:
  farcall generate --out src/gen protos
      writes src/gen/greeter_pb.ts and so on, for all .proto files below the folder protos
  farcall generate -I protos --out src/gen greeter.proto
      the same for one file; without -I, protos/greeter.proto would become src/gen/protos/greeter_pb.ts
  farcall generate
      does what farcall.json says, for instance { "files": ["protos"], "out": "src/gen" }
  farcall generate --check
      fails where committed code is stale, for CI`

function addMapping(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...before, rejecting(() => parseMapping(text))])
}

function parseOutputs(text: string): Output[] {
  const chosen = text.split(",")
  const unknown = chosen.find((output) => !(outputs as readonly string[]).includes(output))
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of ${outputs.join(", ")}.`)
  return chosen as Output[]
}

/** Misuse of a flag, as the command line tells it. */
function rejecting<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

/** One command line's work, which can be done again. */
class GenerateRun {
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

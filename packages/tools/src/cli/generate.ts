import { join } from "node:path"
import { create, createFileRegistry } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { Command } from "commander"
import { compile } from "../compile/index.js"
import { type GeneratedFile, generate } from "../generate/generate.js"
import { writeFiles } from "../generate/write-files.js"
import { printDiagnostics } from "./print-diagnostics.js"
import { InputError, SearchPath, searchPathOption } from "./search-path.js"
import { FileWatcher } from "./watch-files.js"

interface GenerateFlags {
  readonly proto_path: readonly string[]
  readonly out: string
  readonly watch?: boolean
}

/** `farcall generate`: TypeScript for .proto files. */
export function generateCommand(): Command {
  return new Command("generate")
    .description("Generate TypeScript from .proto files: messages, their codecs, and gRPC services.")
    .argument("<files...>", ".proto files; what they import is generated with them")
    .addOption(searchPathOption())
    .requiredOption("-o, --out <dir>", "the folder to write to; it is made when it is not there")
    .option("-w, --watch", "stay, and generate again whenever one of the files or of their imports changes")
    .addHelpText("after", helpText)
    .action((files: string[], flags: GenerateFlags) => {
      const generation = new Generation(files, flags)
      if (flags.watch) generation.watch()
      else process.exitCode = generation.run()
    })
}

const helpText = `
For protos/greeter.proto this writes, below the output folder,
  greeter_pb.ts     the types and schemas of its messages and enums, for all of @bufbuild/protobuf
  greeter_codec.ts  what encodes and decodes them, as plain code
  greeter_grpc.ts   its services: what createClient and server.add take (only where there are services)
The folders below the -I folder are kept. Files whose text would stay the same are not touched.
The well-known types (google/protobuf/…) are not generated: packages have them.
When anything is wrong, all errors are printed, nothing is written, and the exit code is 1.

Example:
  farcall generate -I protos --out src/gen protos/*.proto`

/** One command line's work, which can be done again. */
class Generation {
  readonly #files: readonly string[]
  readonly #flags: GenerateFlags
  /** Where on the disk the last run looked for .proto files. */
  #looked: Set<string> = new Set()

  constructor(files: readonly string[], flags: GenerateFlags) {
    this.#files = files
    this.#flags = flags
  }

  /** Returns the exit code: 1 when anything was wrong; then nothing is written. */
  run(): 0 | 1 {
    const searchPath = new SearchPath(this.#flags.proto_path)
    this.#looked = new Set(this.#files)
    let names: string[]
    try {
      names = this.#files.map((file) => searchPath.nameOf(file))
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      console.error(error.message)
      return 1
    }
    const read = (name: string): Uint8Array | undefined => {
      for (const folder of this.#folders) this.#looked.add(join(folder, name))
      return searchPath.read(name)
    }
    const result = compile({ files: names, read, includeSourceInfo: true })
    if (printDiagnostics(result.diagnostics, searchPath)) return 1
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: result.files }))
    return this.#write(generate(names.map((name) => registry.getFile(name)!)))
  }

  /** Runs, and runs again at each change. Ends with the process. */
  watch(): void {
    const runAndWatch = (): void => {
      // What changed between being read and its folder being watched would go unnoticed.
      do this.run()
      while (watcher.watch(this.#looked))
    }
    const watcher = new FileWatcher(runAndWatch)
    watcher.watch(this.#files)
    runAndWatch()
    console.log("watching for changes; Ctrl+C ends")
  }

  get #folders(): readonly string[] {
    return this.#flags.proto_path.length > 0 ? this.#flags.proto_path : ["."]
  }

  #write(generated: readonly GeneratedFile[]): 0 | 1 {
    const { out } = this.#flags
    let changed: string[]
    try {
      changed = writeFiles(out, generated)
    } catch (error) {
      console.error(`${out}: ${(error as Error).message}`)
      return 1
    }
    for (const path of changed) console.log(`wrote ${join(out, path)}`)
    const same = generated.length - changed.length
    if (same > 0) console.log(`${same} ${same === 1 ? "file was" : "files were"} up to date`)
    return 0
  }
}

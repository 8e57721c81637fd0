import { writeFileSync } from "node:fs"
import { Command } from "commander"
import { compile, encodeDescriptorSet } from "../compile/index.js"
import { printDiagnostics } from "./print-diagnostics.js"
import { InputError, SearchPath, searchPathOption } from "./search-path.js"

interface CompileFlags {
  readonly proto_path: readonly string[]
  readonly descriptor_set_out?: string
  readonly include_imports?: boolean
  readonly include_source_info?: boolean
}

/** `farcall compile`: protoc's own spelling of what protoc does when it writes descriptors. */
export function compileCommand(): Command {
  return new Command("compile")
    .description("Compile .proto files to descriptors, as protoc does; without an output, only check them.")
    .argument("<files...>", ".proto files")
    .addOption(searchPathOption())
    .option("-o, --descriptor_set_out <file>", "write a FileDescriptorSet to this file")
    .option("--include_imports", "put all that the files import into the set too")
    .option("--include_source_info", "keep comments and positions in the set")
    .action((files: string[], flags: CompileFlags) => {
      process.exitCode = compileFiles(files, flags)
    })
}

/** Returns the exit code: 1 when anything was wrong; then nothing is written. */
function compileFiles(files: readonly string[], flags: CompileFlags): 0 | 1 {
  const searchPath = new SearchPath(flags.proto_path)
  let names: string[]
  try {
    names = files.map((file) => searchPath.nameOf(file))
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    console.error(error.message)
    return 1
  }
  const includeSourceInfo = flags.include_source_info === true
  const result = compile({ files: names, read: (name) => searchPath.read(name), includeSourceInfo })
  if (printDiagnostics(result.diagnostics, searchPath)) return 1
  const out = flags.descriptor_set_out
  if (out === undefined) return 0
  const asked = new Set(names)
  const written = flags.include_imports ? result.files : result.files.filter(({ name }) => asked.has(name))
  return writeOutput(out, encodeDescriptorSet(written))
}

function writeOutput(out: string, bytes: Uint8Array): 0 | 1 {
  try {
    writeFileSync(out, bytes)
    return 0
  } catch (error) {
    console.error(`${out}: ${(error as Error).message}`)
    return 1
  }
}

import { writeFileSync } from "node:fs"
import { Command, Option } from "commander"
import { compile, encodeDescriptorSet } from "../compile/index.js"
import { formatOption } from "./format-option.js"
import { type DiagnosticFormat, Report } from "./report.js"
import { SearchPath, searchPathOption } from "./search-path.js"

interface CompileFlags {
  readonly proto_path: readonly string[]
  readonly descriptor_set_out?: string
  readonly include_imports?: boolean
  readonly include_source_info?: boolean
  readonly format: DiagnosticFormat
  readonly error_format?: "gcc" | "msvs"
  readonly fatal_warnings?: boolean
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
    .addOption(formatOption())
    .addOption(
      new Option("--error_format <format>", "protoc's name for the last two of these").choices(["gcc", "msvs"]),
    )
    .option("--fatal_warnings", "exit with 1 when there are warnings, too")
    .addHelpText("after", helpText)
    .showHelpAfterError("farcall compile --help tells all flags")
    .action((files: string[], flags: CompileFlags) => {
      process.exitCode = compileFiles(files, flags)
    })
}

const helpText = `
All errors of all files are told in one run. When there are any, nothing is written and the exit code is 1.

Examples:
  farcall compile -I protos protos/*.proto
      checks files whose imports begin at the folder protos
  farcall compile -I protos --include_imports -o all.binpb protos/shop.proto
      writes the descriptors of a file and of all it imports, byte for byte protoc's
  farcall compile --format=json protos/*.proto
      tells an editor what is wrong, and where`

/** Returns the exit code: 1 when anything was wrong; then nothing is written. */
function compileFiles(files: readonly string[], flags: CompileFlags): 0 | 1 {
  const report = new Report(flags.error_format ?? flags.format)
  const searchPath = new SearchPath(flags.proto_path, report)
  const names = searchPath.namesOf(files, report)
  const result = compile({
    files: names,
    read: (name) => searchPath.read(name),
    list: () => searchPath.list(),
    includeSourceInfo: flags.include_source_info === true,
  })
  report.add(result.diagnostics, searchPath)
  const out = flags.descriptor_set_out
  if (out !== undefined && !report.hasErrors) {
    const asked = new Set(names)
    const written = flags.include_imports ? result.files : result.files.filter(({ name }) => asked.has(name))
    writeOutput(out, encodeDescriptorSet(written), report)
  }
  return report.print() || (flags.fatal_warnings && report.hasWarnings) ? 1 : 0
}

function writeOutput(out: string, bytes: Uint8Array, report: Report): void {
  try {
    writeFileSync(out, bytes)
  } catch (error) {
    report.problem("error", `${out}: ${(error as Error).message}`)
  }
}

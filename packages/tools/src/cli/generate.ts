import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { Command } from "commander"
import { compile } from "../compile/index.js"
import { generate } from "../generate/generate.js"
import { writeFiles } from "../generate/write-files.js"
import { printDiagnostics } from "./print-diagnostics.js"
import { InputError, SearchPath, splitSearchPath } from "./search-path.js"

interface GenerateFlags {
  readonly proto_path: readonly string[]
  readonly out: string
}

/** `farcall generate`: TypeScript for .proto files. */
export function generateCommand(): Command {
  return new Command("generate")
    .description("Generate TypeScript from .proto files: messages, their codecs, and gRPC services.")
    .argument("<files...>", ".proto files; what they import is generated with them")
    .option(
      "-I, --proto_path <dir>",
      "where to look for imports; several are searched in order (default: .)",
      splitSearchPath,
      [],
    )
    .requiredOption("-o, --out <dir>", "the folder to write to; it is made when it is not there")
    .addHelpText("after", helpText)
    .action((files: string[], flags: GenerateFlags) => {
      process.exitCode = generateFiles(files, flags)
    })
}

const helpText = `
For protos/greeter.proto this writes, below the output folder,
  greeter_pb.ts     the types and schemas of its messages and enums, for all of @bufbuild/protobuf
  greeter_codec.ts  what encodes and decodes them, as plain code
  greeter_grpc.ts   its services: what createClient and server.add take (only where there are services)
The folders below the -I folder are kept. Files whose text would stay the same are not touched.
The well-known types (google/protobuf/…) are not generated: packages have them.

Example:
  farcall generate -I protos --out src/gen protos/*.proto`

/** Returns the exit code: 1 when anything was wrong; then nothing is written. */
function generateFiles(files: readonly string[], flags: GenerateFlags): 0 | 1 {
  const searchPath = new SearchPath(flags.proto_path)
  let names: string[]
  try {
    names = files.map((file) => searchPath.nameOf(file))
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    console.error(error.message)
    return 1
  }
  const result = compile({ files: names, read: (name) => searchPath.read(name), includeSourceInfo: true })
  if (printDiagnostics(result.diagnostics, searchPath)) return 1
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: result.files }))
  return writeGenerated(
    names.map((name) => registry.getFile(name)!),
    flags.out,
  )
}

function writeGenerated(files: readonly DescFile[], out: string): 0 | 1 {
  const generated = generate(files)
  let changed: string[]
  try {
    changed = writeFiles(out, generated)
  } catch (error) {
    console.error(`${out}: ${(error as Error).message}`)
    return 1
  }
  for (const path of changed) console.log(`wrote ${out.replace(/\/+$/, "")}/${path}`)
  const same = generated.length - changed.length
  if (same > 0) console.log(`${same} ${same === 1 ? "file was" : "files were"} up to date`)
  return 0
}

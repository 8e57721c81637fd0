import { Command, InvalidArgumentError, Option } from "commander"
import { enumStyles, importExtensions, type Output, outputs, parseMapping } from "../generate/options.js"
import { CONFIG_FILE } from "./config-file.js"
import { formatOption } from "./format-option.js"
import { type GenerateFlags, GenerateRun } from "./generate-run.js"
import { searchPathOption } from "./search-path.js"

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

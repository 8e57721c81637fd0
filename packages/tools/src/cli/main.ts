#!/usr/bin/env node
import { readFileSync } from "node:fs"
import { Command } from "commander"
import { compileCommand } from "./compile.js"
import { generateCommand } from "./generate.js"
import { printable } from "./printable.js"

const helpText = `
Examples:
  farcall generate --out src/gen protos
      writes TypeScript for the messages and services of all .proto files below the folder protos
  farcall compile -I protos protos/*.proto
      only checks them

farcall help COMMAND tells all of a command's flags. What is generated is for the package farcall: servers, clients and
tests of them.`

// Whoever reads along may stop before the end, as `head` does.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
process.on("uncaughtException", tellBug)

try {
  await new Command("farcall")
    .description("gRPC for TypeScript: compiles .proto files and generates code from them.")
    .version(packageVersion())
    .addHelpText("after", helpText)
    .showHelpAfterError("farcall generate makes code of .proto files; farcall --help tells what else there is")
    .addCommand(compileCommand())
    .addCommand(generateCommand())
    .parseAsync()
} catch (error) {
  tellBug(error)
}

/** From the package's folder, two above those of the modules and of the bundle. */
function packageVersion(): string {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version
}

/** Whatever the files hold, this is a mistake of the program: one line tells what and where, for those who mend it. */
function tellBug(error: unknown): void {
  const [what, where = ""] = String(error instanceof Error ? error.stack : error).split(/\n\s+/)
  console.error(printable(`farcall: a bug, please report it: ${what} ${where}`))
  process.exit(70)
}

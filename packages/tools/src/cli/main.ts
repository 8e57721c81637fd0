#!/usr/bin/env node
import { Command } from "commander"
import { compileCommand } from "./compile.js"
import { generateCommand } from "./generate.js"

await new Command("farcall")
  .description("gRPC for TypeScript: compiles .proto files and generates code from them.")
  .addCommand(compileCommand())
  .addCommand(generateCommand())
  .parseAsync()

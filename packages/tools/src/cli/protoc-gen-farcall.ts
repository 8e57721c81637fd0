import { readFileSync, writeSync } from "node:fs"
import { answerPluginRequest } from "../generate/plugin.js"
import { printable } from "./printable.js"

const STDIN = 0
const STDOUT = 1

try {
  writeWhole(answerPluginRequest(readFileSync(STDIN)))
} catch (error) {
  // Only what is no matter of the .proto files is told here: protoc and buf show it beside the exit code.
  console.error(printable(`protoc-gen-farcall: ${(error as Error).message}`))
  process.exitCode = 1
}

/** A pipe may take less at once than it is given. */
function writeWhole(bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSome(bytes.subarray(written))
}

function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(STDOUT, bytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0
    throw error
  }
}

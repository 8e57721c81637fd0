import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { BinaryReader } from "@bufbuild/protobuf/wire"
import { protocProgram } from "./protoc.js"
import { filesIn, folderAt, lineOf, RECORDED_FILE, recordedFolders } from "./recorded-descriptors.js"

// Writes recorded-descriptors.txt: what protoc makes of each file. Run it when a file is added or changed, or when the npm
// package `protoc` is updated: node conformance/dist/record-descriptors.js
const include = join(dirname(createRequire(import.meta.url).resolve("protoc/package.json")), "include")
const scratch = mkdtempSync(join(tmpdir(), "farcall-recorded-"))
try {
  const lines = recordedFolders.flatMap((folder) =>
    filesIn(folder).map((file) => lineOf(folder, file, protocsDescriptor(folder, file))),
  )
  writeFileSync(RECORDED_FILE, `${lines.join("\n")}\n`)
  console.log(`recorded the descriptors of ${lines.length} files`)
} finally {
  rmSync(scratch, { recursive: true })
}

function protocsDescriptor(folder: string, file: string): Uint8Array {
  const set = join(scratch, "set")
  const flags = ["-I.", `-I${include}`, "--include_source_info", `--descriptor_set_out=${set}`]
  execFileSync(protocProgram(), [...flags, "--experimental_editions", file], { cwd: folderAt(folder), stdio: "pipe" })
  // A FileDescriptorSet of one file.
  const reader = new BinaryReader(readFileSync(set))
  reader.tag()
  return reader.bytes()
}

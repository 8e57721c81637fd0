import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { devNull } from "node:os"
import { dirname, join } from "node:path"
import { EXPECTED_FILE, formatExpected, PLANTED_FOLDER, plantedFiles } from "./planted-errors.js"
import { protocProgram } from "./protoc.js"

// Writes planted-errors/expected.txt: what protoc says about each planted file. Run it when a file is added, or when the
// npm package `protoc` is updated: node conformance/dist/record-planted-errors.js
const include = join(dirname(createRequire(import.meta.url).resolve("protoc/package.json")), "include")
const expected = new Map<string, string[]>()
for (const file of plantedFiles()) {
  const { stderr } = spawnSync(protocProgram(), ["-I.", `-I${include}`, `--descriptor_set_out=${devNull}`, file], {
    cwd: PLANTED_FOLDER,
    encoding: "utf8",
  })
  const lines = stderr.split("\n").filter((line) => line !== "")
  expected.set(file, lines)
}
writeFileSync(EXPECTED_FILE, formatExpected(expected))
console.log(`recorded what protoc says about ${expected.size} files`)

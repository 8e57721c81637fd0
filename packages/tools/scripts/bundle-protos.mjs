// Writes src/compile/bundled-descriptors.ts: the descriptors of the files that come with protoc, as the npm package
// `protoc` compiles them, without source info. Run it when that package is updated.
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fromBinary, toBinary } from "@bufbuild/protobuf"
import { base64Encode } from "@bufbuild/protobuf/wire"
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"

const home = dirname(createRequire(import.meta.url).resolve("protoc/package.json"))
const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"))
const include = join(home, "include")
const names = readdirSync(include, { recursive: true })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".proto"))
  .sort()

const scratch = mkdtempSync(join(tmpdir(), "farcall-bundle-"))
const out = join(scratch, "set.bin")
const run = spawnSync("npx", ["protoc", `-I${include}`, `--descriptor_set_out=${out}`, ...names], { stdio: "inherit" })
if (run.status !== 0) process.exit(1)
const { file: files } = fromBinary(FileDescriptorSetSchema, readFileSync(out))
rmSync(scratch, { recursive: true })

const entries = files
  .sort((left, right) => (left.name < right.name ? -1 : 1))
  .map(
    (file) =>
      `  [\n    ${JSON.stringify(file.name)},\n    ${JSON.stringify(base64Encode(toBinary(FileDescriptorProtoSchema, file)))},\n  ],\n`,
  )
writeFileSync(
  new URL("../src/compile/bundled-descriptors.ts", import.meta.url),
  `// Written by scripts/bundle-protos.mjs from protoc ${version}. Do not edit.

/** FileDescriptorProto in base64, by file name. */
export const BUNDLED_DESCRIPTORS: ReadonlyMap<string, string> = new Map([
${entries.join("")}])
`,
)

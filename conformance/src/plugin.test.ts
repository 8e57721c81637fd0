import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after, before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { create, fromBinary, toBinary } from "@bufbuild/protobuf"
import { CodeGeneratorRequestSchema, CodeGeneratorResponseSchema, Edition } from "@bufbuild/protobuf/wkt"
import { answerPluginRequest } from "@farcall/tools"
import { protocProgram } from "./protoc.js"

const run = promisify(execFile)
const tools = fileURLToPath(new URL("../../packages/tools/bin/", import.meta.url))
const plugin = join(tools, "protoc-gen-farcall.js")
const protos = fileURLToPath(new URL("../../packages/tools/proto", import.meta.url))
const syntaxes = fileURLToPath(new URL("../proto-syntaxes", import.meta.url))

/** Files of proto2, proto3 and an edition, with services, comments and imports. */
const names = [
  "every_kind.proto",
  "hostile.proto",
  "north/thing.proto",
  "south/thing.proto",
  "legacy.proto",
  "edition.proto",
]

describe("protoc-gen-farcall", () => {
  let folder: string
  let expected: Map<string, string>
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "farcall-plugin-"))
    const flags = ["--out", "cli", "--json-types", "--import-extension", "ts"]
    await run(
      process.execPath,
      [join(tools, "farcall.js"), "generate", "-I", protos, "-I", syntaxes, ...names, ...flags],
      { cwd: folder },
    )
    expected = await filesIn(join(folder, "cli"))
    assert.equal(expected.size, 14)
  })
  after(() => rm(folder, { recursive: true }))

  it("writes for protoc what farcall generate writes", async () => {
    const out = await protoc("--farcall_opt=json_types=true", "--farcall_opt=import_extension=ts")
    assert.deepEqual(await filesIn(out), expected)
  })

  it("tells protoc what is wrong with its options", async () => {
    const cases: [string, RegExp][] = [
      ["jsontypes=true", /there is no option "jsontypes"; did you mean "json_types"\?/],
      ["json_types=yes", /"json_types=yes": true and false are possible/],
      ["enums=const", /"enums=const": enum, object are possible/],
      ["target=js+dts", /"target=js\+dts" is not possible: TypeScript is what is written/],
      ["js_import_style=legacy_commonjs", /generated code consists of ECMAScript modules/],
      ["map=google/", /"google\/" is not of the form PREFIX=PACKAGE/],
    ]
    await Promise.all(
      cases.map(([option, words]) => assert.rejects(protoc(`--farcall_opt=${option}`), { stderr: words })),
    )
  })

  it("takes the options of protoc-gen-es that say what is so anyway", async () => {
    const options =
      "target=ts,js_import_style=module,ts_nocheck=false,erasable_syntax=true,keep_empty_files=true,json_types"
    const files = await filesIn(await protoc(`--farcall_opt=${options}`))
    assert.equal(files.size, 3 * names.length)
    assert.match(files.get("legacy_grpc.ts")!, /\nexport \{\}\n$/)
    assert.match(files.get("every_kind_pb.ts")!, /export const Mood = \{/)
  })

  it("writes for buf what farcall generate writes", async (t) => {
    const buf = bufProgram()
    if (buf === undefined) return t.skip("the npm package @bufbuild/buf has no program for this platform")
    const home = join(folder, "buf")
    await mkdir(home)
    await writeFile(
      join(home, "buf.gen.yaml"),
      `version: v2
inputs:
  - directory: ${JSON.stringify(protos)}
plugins:
  - local: [${JSON.stringify(process.execPath)}, ${JSON.stringify(plugin)}]
    out: gen
    strategy: all
    opt: [json_types=true, import_extension=ts]
`,
    )
    await run(buf, ["generate"], { cwd: home, env: { ...process.env, HOME: home, BUF_CACHE_DIR: home } })
    const written = await filesIn(join(home, "gen"))
    assert.equal(written.size, 10)
    for (const [path, text] of written) assert.equal(text, expected.get(path), path)
  })

  /** Runs protoc with the plugin; resolves to the folder that it wrote to. */
  async function protoc(...flags: string[]): Promise<string> {
    const out = await mkdtemp(join(folder, "protoc-"))
    const flag = `--plugin=protoc-gen-farcall=${plugin}`
    await run(protocProgram(), [flag, `-I${protos}`, `-I${syntaxes}`, `--farcall_out=${out}`, ...flags, ...names])
    return out
  }
})

describe("the answer to a plugin's request", () => {
  it("says which features and editions are supported", () => {
    const answer = fromBinary(CodeGeneratorResponseSchema, answerPluginRequest(new Uint8Array()))
    assert.equal(answer.supportedFeatures, 3n)
    assert.deepEqual([answer.minimumEdition, answer.maximumEdition], [Edition.EDITION_PROTO2, Edition.EDITION_2026])
    assert.deepEqual([answer.error, answer.file.length], ["", 0])
  })

  it("has errors in its error field, and throws only at what is no request", () => {
    const request = create(CodeGeneratorRequestSchema, { fileToGenerate: ["absent.proto"] })
    const answer = fromBinary(
      CodeGeneratorResponseSchema,
      answerPluginRequest(toBinary(CodeGeneratorRequestSchema, request)),
    )
    assert.match(answer.error, /absent\.proto is to be generated, but is not among the files/)
    const hostile = create(CodeGeneratorRequestSchema, {
      fileToGenerate: ["../up.proto"],
      protoFile: [{ name: "../up.proto", syntax: "proto3" }],
    })
    const refusal = fromBinary(
      CodeGeneratorResponseSchema,
      answerPluginRequest(toBinary(CodeGeneratorRequestSchema, hostile)),
    )
    assert.match(refusal.error, /is not the path of a \.proto file/)
    assert.equal(refusal.file.length, 0)
    assert.throws(() => answerPluginRequest(new Uint8Array([0xff, 0xff])))
  })
})

async function filesIn(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.path, entry.name))
  const texts = await Promise.all(
    files.map(async (path) => [path.slice(folder.length + 1), await readFile(path, "utf8")] as const),
  )
  return new Map(texts.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The native buf that npm installs beside the package, where there is one for the platform. */
function bufProgram(): string | undefined {
  const arch = process.arch === "arm64" && process.platform === "linux" ? "aarch64" : process.arch
  try {
    const name = `@bufbuild/buf-${process.platform}-${arch}/package.json`
    const program = join(dirname(createRequire(import.meta.url).resolve(name)), "bin/buf")
    return existsSync(program) ? program : undefined
  } catch {
    return undefined
  }
}

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after, test } from "node:test"
import { fileURLToPath } from "node:url"
import { fromBinary } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"

const program = fileURLToPath(new URL("./main.js", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "farcall-compile-"))
after(() => rmSync(folder, { recursive: true }))

for (const [name, text] of Object.entries({
  "good/a.proto":
    'syntax = "proto3"; import "b.proto"; import "google/protobuf/empty.proto"; message A { B b = 1; google.protobuf.Empty e = 2; }',
  "good/b.proto": 'syntax = "proto3";\n/* B */ message B {}',
  "other/b.proto": 'syntax = "proto3"; message B { int32 other = 1; }',
  "bad/c.proto": 'syntax = "proto3";\nmessage C { Missing m = 1; }\nmessage D { int32 d = 0; }',
})) {
  mkdirSync(join(folder, dirname(name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}

function farcall(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [program, "compile", ...args], { cwd: folder, encoding: "utf8" })
}

/** The files of a set that was written, each with the fields of its first message. */
function written(name: string): [string, string[]][] {
  const { file } = fromBinary(FileDescriptorSetSchema, readFileSync(join(folder, name)))
  return file.map(({ name, messageType }) => [name, messageType[0]?.field.map((field) => field.name) ?? []])
}

test("writes the files asked for, or all they import too", () => {
  assert.deepEqual(farcall("-I", "good", "--descriptor_set_out=one.bin", "good/a.proto").status, 0)
  assert.deepEqual(written("one.bin"), [["a.proto", ["b", "e"]]])
  assert.deepEqual(farcall("-Igood", "--include_imports", "-oall.bin", "a.proto").status, 0)
  assert.deepEqual(written("all.bin"), [
    ["b.proto", []],
    ["google/protobuf/empty.proto", []],
    ["a.proto", ["b", "e"]],
  ])
})

test("keeps comments and positions only when asked to", () => {
  const locations = (out: string) =>
    fromBinary(FileDescriptorSetSchema, readFileSync(join(folder, out))).file[0]?.sourceCodeInfo?.location
  assert.equal(farcall("-Igood", "-oplain.bin", "b.proto").status, 0)
  assert.equal(locations("plain.bin"), undefined)
  assert.equal(farcall("-Igood", "--include_source_info", "-oinfo.bin", "b.proto").status, 0)
  assert.ok(locations("info.bin")?.some(({ leadingComments }) => leadingComments === " B "))
})

test("looks for imports in the order of the search path", () => {
  assert.equal(farcall("--proto_path=other", "-I", "good", "--include_imports", "-oset.bin", "a.proto").status, 0)
  assert.deepEqual(written("set.bin")[0], ["b.proto", ["other"]])
})

test("tells every error with the file's place on the disk, exits 1 and writes nothing", () => {
  const { status, stderr } = farcall("-Ibad", "-Igood", "-onothing.bin", "bad/c.proto", "good/a.proto")
  assert.equal(status, 1)
  assert.equal(
    stderr,
    "bad/c.proto:3:23: Field numbers must be positive integers.\n" +
      'bad/c.proto:2:13: "Missing" is not defined.\n' +
      "bad/c.proto:3:23: Suggested field numbers for D: 1\n",
  )
  assert.ok(!existsSync(join(folder, "nothing.bin")))
})

test("names inputs that are not there, outside of the search path, or hidden", () => {
  const cases: [string[], RegExp][] = [
    [["none.proto"], /^Could not make proto path relative: none\.proto: No such file or directory\n$/],
    [["-Igood", "bad/c.proto"], /^bad\/c\.proto: File does not reside within any path specified using --proto_path/],
    [
      ["-Iother", "-Igood", "good/b.proto"],
      /^good\/b\.proto: Input is shadowed in the --proto_path by "other\/b\.proto"\./,
    ],
    [["good"], /^Could not map to virtual file: good: Input file is a directory\.\n$/],
  ]
  for (const [args, expected] of cases) {
    const { status, stderr } = farcall(...args)
    assert.equal(status, 1)
    assert.match(stderr, expected)
  }
})

test("checks without writing when no output is named", () => {
  assert.deepEqual([farcall("-Igood", "a.proto").status, farcall("-Ibad", "c.proto").status], [0, 1])
})

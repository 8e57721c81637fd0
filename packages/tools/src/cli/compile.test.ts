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

function farcall(...args: string[]): { status: number | null; stdout: string; stderr: string } {
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
    `bad/c.proto:3:23: error: Field numbers must be positive integers.
  3 | message D { int32 d = 0; }
    |                       ^
bad/c.proto:2:13: error: "Missing" is not defined.
  2 | message C { Missing m = 1; }
    |             ^~~~~~~
bad/c.proto:3:23: error: Suggested field numbers for D: 1
  3 | message D { int32 d = 0; }
    |                       ^
3 errors in 1 file
`,
  )
  assert.ok(!existsSync(join(folder, "nothing.bin")))
})

test("names inputs that are not there, outside of the search path, or hidden", () => {
  const cases: [string[], RegExp][] = [
    [["none.proto"], /^Could not make proto path relative: none\.proto: No such file or directory\n$/],
    [["none.proto", "bad"], /^Could not make .*\nCould not map to virtual file: bad: Input file is a directory\.\n$/],
    [["-Igood", "bad/c.proto"], /^bad\/c\.proto: File does not reside within any path specified using --proto_path/],
    [
      ["-Iother", "-Igood", "good/b.proto"],
      /^good\/b\.proto: Input is shadowed in the --proto_path by "other\/b\.proto"\./,
    ],
    [["good"], /^Could not map to virtual file: good: Input file is a directory\.\n$/],
  ]
  for (const [args, expected] of cases) {
    const { status, stderr } = farcall("--error_format=gcc", ...args)
    assert.equal(status, 1)
    assert.match(stderr, expected)
  }
})

test("checks without writing when no output is named", () => {
  assert.deepEqual([farcall("-Igood", "a.proto").status, farcall("-Ibad", "c.proto").status], [0, 1])
})

test("a folder among the files: its files are what to say", () => {
  const hint = /good: Input file is a directory\.\n +hint: say its files: `good\/\*\.proto`\n/
  assert.match(farcall("good").stderr, hint)
})

test("suggests files for those that are not there", () => {
  const elsewhere = farcall("a.proto").stderr
  assert.match(elsewhere, /a\.proto: No such file or directory\n +hint: did you mean `(bad|good)\/a\.proto`\?\n/)
  const { stderr } = farcall("-Igood", "good/aa.proto", "b.prto")
  assert.match(stderr, /good\/aa\.proto: No such file or directory\n +hint: did you mean `good\/a\.proto`\?\n/)
  assert.match(stderr, /b\.prto: No such file or directory\n +hint: did you mean `b\.proto`\?\n2 errors\n$/)
})

test("spells diagnostics as told, json on stdout", () => {
  const gcc =
    'bad/c.proto:3:23: Field numbers must be positive integers.\nbad/c.proto:2:13: "Missing" is not defined.\n'
  for (const flag of ["--format=gcc", "--error_format=gcc"]) {
    const { status, stderr } = farcall("-Ibad", flag, "c.proto")
    assert.deepEqual([status, stderr.startsWith(gcc)], [1, true])
  }
  assert.match(
    farcall("-Ibad", "--error_format=msvs", "c.proto").stderr,
    /^bad\/c\.proto\(3\) : error in column=23: Field/,
  )
  assert.match(
    farcall("-Ibad", "--format=github", "c.proto").stdout,
    /^::error file=bad\/c\.proto,line=3,col=23::Field/,
  )
  const wrong = JSON.parse(farcall("-Ibad", "-Ielsewhere", "--format=json", "c.proto").stdout)
  assert.deepEqual([wrong.errorCount, wrong.warningCount, wrong.diagnostics[0].file], [3, 1, null])
  const right = farcall("-Igood", "--format=json", "a.proto")
  assert.deepEqual(JSON.parse(right.stdout), { version: 1, errorCount: 0, warningCount: 0, diagnostics: [] })
  assert.deepEqual([right.status, right.stderr], [0, ""])
})

test("warnings fail only when told to be fatal", () => {
  writeFileSync(join(folder, "good/unused.proto"), 'syntax = "proto3"; import "b.proto";')
  const { status, stderr } = farcall("-Igood", "unused.proto")
  assert.equal(status, 0)
  assert.match(stderr, /^good\/unused\.proto:1:20: warning: Import b\.proto is unused\.\n/)
  assert.equal(farcall("-Igood", "--fatal_warnings", "unused.proto").status, 1)
})

test("tells its version, and what was meant by a command or a flag", () => {
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: "utf8" })
  assert.match(run("--version").stdout, /^\d+\.\d+\.\d+\n$/)
  assert.match(run("comple", "a.proto").stderr, /unknown command 'comple'\n\(Did you mean compile\?\)/)
  assert.match(farcall("--include_import", "a.proto").stderr, /\(Did you mean --include_imports\?\)/)
  const { status, stdout } = farcall("--help")
  assert.equal(status, 0)
  for (const part of ["--format", "--error_format", "--fatal_warnings", "Examples:"])
    assert.ok(stdout.includes(part), part)
})

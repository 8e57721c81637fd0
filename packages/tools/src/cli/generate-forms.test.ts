import assert from "node:assert/strict"
import { existsSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "node:test"
import { CommandFolder } from "../test-support/command-folder.js"

const protos = {
  "protos/greeter.proto": `syntax = "proto3"; package hello; import "shared/name.proto"; import "foreign/money.proto";
    service Greeter { rpc SayHello(HelloRequest) returns (HelloRequest); }
    enum Mood { MOOD_CALM = 0; MOOD_GLAD = 1; }
    message HelloRequest { shared.Name name = 1; Mood mood = 2; foreign.Money money = 3; int64 big = 4; }`,
  "protos/shared/name.proto": 'syntax = "proto3"; package shared; message Name { string text = 1; }',
  "protos/foreign/money.proto": 'syntax = "proto3"; package foreign; message Money { int64 units = 1; }',
}

const all = ["greeter_pb", "greeter_codec", "greeter_grpc", "shared/name_pb", "shared/name_codec"]
const money = ["foreign/money_pb", "foreign/money_codec"]

function written(stdout: string): string[] {
  return [...stdout.matchAll(/^wrote \S*?gen\/(\S+)\.ts$/gm)].map(([, name]) => name!).sort()
}

describe("farcall generate takes", () => {
  it("folders, which are where imports are looked for unless -I says otherwise", () => {
    using folder = new CommandFolder(protos)
    const { status, stdout, stderr } = folder.run(["generate", "protos", "--out", "gen"])
    assert.deepEqual([status, stderr], [0, ""])
    assert.deepEqual(written(stdout), [...all, ...money].sort())
  })

  it("patterns, and patterns that take away", () => {
    using folder = new CommandFolder({ ...protos, "protos/node_modules/other.proto": "broken" })
    const { status, stdout, stderr } = folder.run([
      "generate",
      "-I",
      "protos",
      "protos/**/*.proto",
      "!protos/greeter.*",
      "--out",
      "gen",
    ])
    assert.deepEqual([status, stderr], [0, ""])
    assert.deepEqual(written(stdout), [...money, "shared/name_codec", "shared/name_pb"].sort())
    const none = folder.run(["generate", "protos/*.prot", "--out", "gen"])
    assert.equal(none.status, 1)
    assert.match(none.stderr, /protos\/\*\.prot: no \.proto file is there/)
  })

  it("a farcall.json from the folder or one above it, whose paths are its own; flags go before it", () => {
    using folder = new CommandFolder({
      ...protos,
      "farcall.json": JSON.stringify({
        files: ["protos"],
        out: "src/gen",
        jsonTypes: true,
        map: { "foreign/": "@example/foreign/" },
      }),
      "below/deeper/x.txt": "",
    })
    const { status, stdout, stderr } = folder.run(["generate"], "below/deeper")
    assert.deepEqual([status, stderr], [0, ""])
    assert.ok(existsSync(join(folder.path, "src/gen/greeter_pb.ts")))
    assert.match(stdout, /^wrote \.\.\/\.\.\/src\/gen\/greeter_pb\.ts$/m)
    assert.match(folder.read("src/gen/greeter_pb.ts"), /export type HelloRequestJson = /)

    const other = folder.run(["generate", "--out", "gen", "--import-extension", "none"])
    assert.equal(other.status, 0)
    assert.match(folder.read("gen/greeter_codec.ts"), /from "\.\/shared\/name_codec"/)
  })

  it("a farcall.json that is wrong with a word on it, and writes nothing", () => {
    using folder = new CommandFolder({ ...protos, "farcall.json": '{\n  "files": ["protos"],\n  "Out": "gen"\n}' })
    const { status, stderr } = folder.run(["generate", "--out", "gen"])
    assert.equal(status, 1)
    assert.match(stderr, /^error: farcall\.json:3:3: there is no key "Out"; did you mean "out"\?$/m)
    assert.ok(!existsSync(join(folder.path, "gen")))
    assert.match(folder.run(["generate", "--config", "none.json"]).stderr, /none\.json/)
  })

  it("no less than files and a folder to write to", () => {
    using folder = new CommandFolder(protos)
    assert.match(folder.run(["generate", "--out", "gen"]).stderr, /say which \.proto files/)
    assert.match(folder.run(["generate", "protos"]).stderr, /say where to write: with --out/)
  })
})

describe("farcall generate --check", () => {
  it("names stale, missing and superfluous files, changes nothing, and --clean mends it all", () => {
    using folder = new CommandFolder(protos)
    const flags = ["generate", "protos", "--out", "gen"]
    const absent = folder.run([...flags, "--check"])
    assert.equal(absent.status, 1)
    assert.match(absent.stderr, /^error: gen\/greeter_pb\.ts is missing$/m)
    assert.ok(!existsSync(join(folder.path, "gen")))

    folder.run(flags)
    const fresh = folder.run([...flags, "--check"])
    assert.deepEqual([fresh.status, fresh.stdout, fresh.stderr], [0, "7 files are as generated\n", ""])

    folder.write("gen/shared/old_pb.ts", folder.read("gen/shared/name_pb.ts"))
    folder.write("gen/shared/mine_pb.ts", "// By hand.\nexport {}\n")
    folder.write("gen/greeter_grpc.ts", `${folder.read("gen/greeter_grpc.ts")}\n`)
    rmSync(join(folder.path, "gen/greeter_codec.ts"))
    const { status, stderr } = folder.run([...flags, "--check"])
    assert.equal(status, 1)
    assert.deepEqual(
      [...stderr.matchAll(/^error: (\S+) is (\w+)$/gm)].map(([, path, state]) => `${path} ${state}`).sort(),
      ["gen/greeter_codec.ts missing", "gen/greeter_grpc.ts stale", "gen/shared/old_pb.ts superfluous"],
    )
    assert.ok(existsSync(join(folder.path, "gen/shared/old_pb.ts")))

    assert.match(folder.run([...flags, "--clean"]).stdout, /^removed gen\/shared\/old_pb\.ts$/m)
    assert.ok(existsSync(join(folder.path, "gen/shared/mine_pb.ts")))
    assert.equal(folder.run([...flags, "--check"]).status, 0)
  })

  it("tells errors of the files as any run does", () => {
    using folder = new CommandFolder({ "a.proto": 'syntax = "proto3"; message A { B b = 1; }' })
    const { status, stderr } = folder.run(["generate", "a.proto", "--out", "gen", "--check"])
    assert.equal(status, 1)
    assert.match(stderr, /^a\.proto:1:32: error: "B" is not defined\.$/m)
  })
})

describe("farcall generate writes", () => {
  it("imports of packages for what is mapped to them, and nothing for it", () => {
    using folder = new CommandFolder(protos)
    const flags = ["--map", "foreign/=@example/foreign", "--map", "shared/name.proto=@example/names/name"]
    const { stdout } = folder.run(["generate", "-I", "protos", "greeter.proto", "--out", "gen", ...flags])
    assert.deepEqual(written(stdout), ["greeter_codec", "greeter_grpc", "greeter_pb"])
    const codec = folder.read("gen/greeter_codec.ts")
    assert.match(codec, /from "@example\/foreign\/money_codec\.js"/)
    assert.match(codec, /from "@example\/names\/name_codec\.js"/)
    assert.match(folder.read("gen/greeter_pb.ts"), /from "@example\/foreign\/money_pb\.js"/)
    const whole = folder.run(["generate", "protos", "--out", "gen2", "--map", "foreign/=@example/foreign"])
    assert.equal(whole.status, 0)
    assert.ok(!existsSync(join(folder.path, "gen2/foreign")))
    const wrong = folder.run(["generate", "greeter.proto", "--map", "foreign"])
    assert.match(wrong.stderr, /"foreign" is not of the form PREFIX=PACKAGE/)
  })

  it("imports that end in .ts, or in nothing", () => {
    using folder = new CommandFolder(protos)
    for (const [extension, ending] of [
      ["ts", ".ts"],
      ["none", ""],
      ["js", ".js"],
    ] as const) {
      const { status } = folder.run([
        "generate",
        "protos",
        "--out",
        "gen",
        "--import-extension",
        extension,
        "--map",
        "foreign/=@example/foreign",
      ])
      assert.equal(status, 0)
      assert.ok(folder.read("gen/greeter_grpc.ts").includes(`from "./greeter_codec${ending}"`))
      // What a package has is compiled.
      assert.ok(folder.read("gen/greeter_pb.ts").includes(`"@example/foreign/money_pb${ending === "" ? "" : ".js"}"`))
    }
  })

  it("an index.ts in each folder, in which clashing files are namespaces", () => {
    using folder = new CommandFolder({
      "a/one.proto": 'syntax = "proto3"; package one; message Thing {} service S { rpc R(Thing) returns (Thing); }',
      "a/two.proto": 'syntax = "proto3"; package two; message Thing {} service T { rpc R(Thing) returns (Thing); }',
      "a/three.proto": 'syntax = "proto3"; package three; enum E { ZERO = 0; }',
      "class/x.proto":
        'syntax = "proto3"; package x; message SClient {} service S { rpc R(SClient) returns (SClient); }',
    })
    folder.run(["generate", "-I", ".", "a", "class", "--out", "gen", "--index"])
    const exportsOf = (path: string): string[] => folder.read(path).match(/^export .*$/gm) ?? []
    assert.deepEqual(exportsOf("gen/index.ts"), [
      'export * as a from "./a/index.js"',
      'export * as class$ from "./class/index.js"',
    ])
    assert.deepEqual(exportsOf("gen/a/index.ts"), [
      'export * from "./one_pb.js"',
      'export * from "./one_codec.js"',
      'export { S, type SClient, type SServicer } from "./one_grpc.js"',
      'export * from "./three_pb.js"',
      'export * as two_pb from "./two_pb.js"',
      'export * as two_codec from "./two_codec.js"',
      'export { T, type TClient, type TServicer } from "./two_grpc.js"',
    ])
    // The message has the name already; to hide it would be to lose it.
    assert.ok(exportsOf("gen/class/index.ts").includes('export * as x_grpc from "./x_grpc.js"'))
  })

  it("enums as objects, types of JSON, and only the files that are asked for", () => {
    using folder = new CommandFolder(protos)
    const flags = ["--enums", "object", "--json-types", "--only", "pb,grpc", "--no-imports"]
    const { stdout } = folder.run(["generate", "-I", "protos", "greeter.proto", "--out", "gen", ...flags])
    assert.deepEqual(written(stdout), ["greeter_grpc", "greeter_pb"])
    const text = folder.read("gen/greeter_pb.ts")
    assert.match(text, /export const Mood = \{[^}]*CALM: 0,[^}]*\} as const;/)
    assert.match(text, /export type Mood = \(typeof Mood\)\[keyof typeof Mood\] \| UnknownEnum;/)
    assert.match(text, /export type MoodJson = "MOOD_CALM" \| "MOOD_GLAD";/)
    assert.match(text, / {2}big\?: string;/)
    assert.match(
      folder.run(["generate", "x.proto", "--only", "pb,codecs"]).stderr,
      /"codecs" is none of pb, codec, grpc/,
    )
  })

  it("nothing when two fields would be one property, and says so", () => {
    using folder = new CommandFolder({
      "a.proto": 'syntax = "proto2"; package p; message A { optional int32 a_b = 1; optional int32 aB = 2; }',
    })
    const { status, stderr } = folder.run(["generate", "a.proto", "--out", "gen"])
    assert.equal(status, 1)
    assert.match(stderr, /^error: a\.proto: a_b and aB of p\.A would both be "aB" in TypeScript$/m)
    assert.ok(!existsSync(join(folder.path, "gen")))
  })

  it("nothing where nothing has changed", () => {
    using folder = new CommandFolder(protos)
    const flags = ["generate", "protos", "--out", "gen", "--index"]
    folder.run(flags)
    const time = statSync(join(folder.path, "gen/index.ts")).mtimeMs
    assert.equal(folder.run(flags).stdout, "10 files were up to date\n")
    assert.equal(statSync(join(folder.path, "gen/index.ts")).mtimeMs, time)
  })
})

import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const run = promisify(execFile)
const root = fileURLToPath(new URL("../../", import.meta.url))
const packages = ["http2", "protobuf", "farcall", "tools"]

/** What a user has who has never seen the workspace: the four tarballs, a .proto, and a program of their own. */
describe("the four packages, packed and installed in an empty folder", () => {
  let folder: string
  let tarballs: string[]

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "farcall-packed-"))
    for (const name of packages) {
      await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: join(root, "packages", name) })
    }
    tarballs = (await readdir(folder)).filter((name) => name.endsWith(".tgz")).map((name) => join(folder, name))
    await write("package.json", JSON.stringify({ name: "greeter", private: true, type: "module" }))
    await write("protos/greeter.proto", greeterProto)
    await write("src/server.ts", serverProgram)
    await write("src/client.ts", clientProgram)
    const types = await versionOf("@types/node")
    const compiler = await versionOf("typescript")
    const flags = ["install", "--silent", "--no-audit", "--no-fund", "--prefer-offline"]
    await run("npm", [...flags, ...tarballs, `@types/node@${types}`, `typescript@${compiler}`], { cwd: folder })
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it("pack the four, and neither tests nor sources", async () => {
    assert.equal(tarballs.length, packages.length)
    for (const tarball of tarballs) {
      const { stdout } = await run("tar", ["-tzf", tarball])
      const strays = stdout.split("\n").filter((path) => /\.test\.|test-support|tsbuildinfo|\.map$|\/src\//.test(path))
      assert.deepEqual(strays, [], tarball)
      for (const needed of ["package/package.json", "package/README.md", "package/LICENSE"]) {
        assert.ok(stdout.split("\n").includes(needed), `${tarball} has no ${needed}`)
      }
    }
  })

  it("generate, type-check strictly under both ways of finding modules, and run", async () => {
    await run("npx", ["farcall", "generate", "-I", "protos", "--out", "src/gen", "greeter.proto"], { cwd: folder })
    assert.deepEqual((await readdir(join(folder, "src/gen"))).sort(), [
      "greeter_codec.ts",
      "greeter_grpc.ts",
      "greeter_pb.ts",
    ])
    await write("tsconfig.json", projectFile("nodenext", "nodenext"))
    await tsc("tsconfig.json")
    await write("tsconfig.bundler.json", projectFile("esnext", "bundler"))
    await tsc("tsconfig.bundler.json", "--noEmit")
    const { stdout } = await run("node", ["dist/server.js"], { cwd: folder, timeout: 30_000 })
    assert.equal(stdout, "Hello, packed!\nHi, packed 0\nHi, packed 1\n")
  })

  it("please publint and arethetypeswrong", async () => {
    for (const name of packages) {
      const bin = (tool: string): string => join(root, "node_modules/.bin", tool)
      await run(bin("publint"), ["run", "--strict", join(root, "packages", name)])
      const tarball = tarballs.find((path) => path.includes(name === "farcall" ? "/farcall-0" : `farcall-${name}-`))!
      await run(bin("attw"), [tarball, "--profile", "esm-only", "--no-emoji"])
    }
  })

  async function write(path: string, text: string): Promise<void> {
    await mkdir(join(folder, path, ".."), { recursive: true })
    await writeFile(join(folder, path), text)
  }

  /** Compiles the user's project; the compiler's own words when it does not. */
  async function tsc(project: string, ...flags: string[]): Promise<void> {
    await run("npx", ["tsc", "-p", project, ...flags], { cwd: folder }).catch((error: { stdout: string }) => {
      assert.fail(`${project}:\n${error.stdout}`)
    })
  }
})

async function versionOf(name: string): Promise<string> {
  const { default: manifest } = (await import(join(root, "node_modules", name, "package.json"), {
    with: { type: "json" },
  })) as { default: { version: string } }
  return manifest.version
}

function projectFile(module: string, moduleResolution: string): string {
  return JSON.stringify({
    compilerOptions: {
      target: "es2023",
      lib: ["es2023", "esnext.disposable"],
      module,
      moduleResolution,
      rootDir: "src",
      outDir: "dist",
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      skipLibCheck: false,
    },
    include: ["src"],
  })
}

const greeterProto = `syntax = "proto3";
package greeter;

service Greeter {
  rpc SayHello(HelloRequest) returns (HelloReply);
  rpc ListGreetings(HelloRequest) returns (stream HelloReply);
}
message HelloRequest { string name = 1; }
message HelloReply { string message = 1; }
`

const serverProgram = `import { createServer } from "farcall"
import { callIt } from "./client.js"
import { Greeter } from "./gen/greeter_grpc.js"

await using server = createServer()
server.add(Greeter, {
  sayHello: ({ name }) => ({ message: \`Hello, \${name}!\` }),
  async *listGreetings({ name }) {
    for (let i = 0; i < 2; i++) yield { message: \`Hi, \${name} \${i}\` }
  },
})
const address = await server.listen("localhost:0")
await callIt(address.toString())
`

const clientProgram = `import { createChannel, createClient } from "farcall"
import { Greeter } from "./gen/greeter_grpc.js"

export async function callIt(target: string): Promise<void> {
  await using channel = createChannel(target)
  const client = createClient(Greeter, channel)
  console.log((await client.sayHello({ name: "packed" })).message)
  for await (const { message } of client.listGreetings({ name: "packed" })) console.log(message)
}
`

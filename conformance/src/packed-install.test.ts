import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const run = promisify(execFile)
const root = fileURLToPath(new URL("../../", import.meta.url))
const packages = ["http2", "protobuf", "farcall", "tools"]
/** With the certificates that registries may need, which other tests do without (`scripts/step.mjs`). */
const registryEnvironment = { NODE_EXTRA_CA_CERTS: process.env["FARCALL_EXTRA_CA_CERTS"], ...process.env }

/** What a user has who has never seen the workspace: the four tarballs, a .proto, and a program of their own. */
describe("the four packages, packed and installed in an empty folder", () => {
  let folder: string
  let tarballs: string[]

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "farcall-packed-"))
    await run(process.execPath, [join(root, "scripts/pack.mjs"), "--no-build", "--out", folder])
    tarballs = (await readdir(folder)).filter((name) => name.endsWith(".tgz")).map((name) => join(folder, name))
    await write("package.json", JSON.stringify({ name: "greeter", private: true, type: "module" }))
    await write("protos/greeter.proto", greeterProto)
    await write("src/server.ts", serverProgram)
    await write("src/client.ts", clientProgram)
    await write("src/worker.ts", workerModule)
    await write("src/together.ts", togetherProgram)
    const types = await versionOf("@types/node")
    const compiler = await versionOf("typescript")
    const flags = ["install", "--silent", "--no-audit", "--no-fund", "--prefer-offline"]
    const added = [...tarballs, `@types/node@${types}`, `typescript@${compiler}`]
    await run("npm", [...flags, ...added], { cwd: folder, env: registryEnvironment })
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

  it("are the same whichever subpath they are imported from, on worker threads too", async () => {
    const { stdout } = await run("node", ["dist/together.js"], { cwd: folder, timeout: 30_000 })
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "in memory: NOT_FOUND",
      "names: StatusError Metadata",
      "on a thread: hello packed",
      "on a thread: NOT_FOUND",
      "health: 1",
      ...Array(3).fill("reflection: fileDescriptorResponse"),
    ])
  })

  it("can be required, generated code too, by a project of CommonJS", async () => {
    await write("commonjs/package.json", JSON.stringify({ type: "commonjs" }))
    await run("npx", ["farcall", "generate", "--out", "commonjs/gen", "protos"], { cwd: folder })
    const flags = ["--module", "nodenext", "--target", "es2022", "--types", "node", "--ignoreConfig"]
    const files = ["pb", "codec", "grpc"].map((kind) => `commonjs/gen/greeter_${kind}.ts`)
    await run("npx", ["tsc", ...flags, ...files], { cwd: folder })
    await write("commonjs/main.js", requiringProgram)
    const { stdout } = await run("node", ["commonjs/main.js"], { cwd: folder, timeout: 30_000 })
    assert.equal(stdout, "Hello, required!\n")
  })

  it("have everything that their exports name", async () => {
    for (const name of ["@farcall/http2", "@farcall/protobuf", "farcall", "@farcall/tools"]) {
      for (const [subpath, { types, default: code }] of Object.entries((await manifestOf(name)).exports)) {
        for (const target of [types, code]) {
          if (target === undefined || target.includes("*")) continue
          await access(join(folder, "node_modules", name, target)).catch(() =>
            assert.fail(`${name}, ${subpath}: ${target} is not there`),
          )
        }
      }
    }
  })

  it("of what programs import at their start, hold few files: entry points, layers, and chunks that these share", async () => {
    const layers = {
      "@farcall/http2": [],
      "@farcall/protobuf": ["core"],
      farcall: ["core", "connect", "serving"],
    }
    for (const [name, names] of Object.entries(layers)) {
      const dist = join(folder, "node_modules", name, "dist")
      const code = (await readdir(dist, { recursive: true })).filter((path) => path.endsWith(".js"))
      const targets = Object.values((await manifestOf(name)).exports).map((target) => target.default ?? "")
      const patterns = targets.map((target) => new RegExp(`^${target.replace("./dist/", "").replace("*", ".+")}$`))
      const strays = code.filter((path) => !path.startsWith("chunks/") && !patterns.some((one) => one.test(path)))
      assert.deepEqual(strays.sort(), names.map((layer) => `${layer}.js`).sort(), name)
    }
  })

  it("are read without the engine, and what speaks it, until there is a connection", async () => {
    const core = await readFile(join(folder, "node_modules/farcall/dist/core.js"), "utf8")
    const imported = Array.from(core.matchAll(/^import .* from "(.*)";$/gm), ([, specifier]) => specifier!)
    assert.ok(imported.includes("node:net"))
    assert.deepEqual(
      imported.filter((specifier) => !specifier.startsWith("node:")),
      [],
    )
    assert.match(core, /\bimport\("\.\/connect\.js"\)/)
    assert.match(core, /\bimport\("\.\/serving\.js"\)/)
  })

  it("please publint and arethetypeswrong", async () => {
    for (const name of packages) {
      const bin = (tool: string): string => join(root, "node_modules/.bin", tool)
      const tarball = tarballs.find((path) => path.includes(name === "farcall" ? "/farcall-0" : `farcall-${name}-`))!
      await run(bin("publint"), ["run", "--strict", tarball])
      await run(bin("attw"), [tarball, "--profile", "esm-only", "--no-emoji"])
    }
  })

  async function write(path: string, text: string): Promise<void> {
    await mkdir(join(folder, path, ".."), { recursive: true })
    await writeFile(join(folder, path), text)
  }

  /** What the installed package says of itself. */
  async function manifestOf(name: string): Promise<Manifest> {
    return JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"), "utf8")) as Manifest
  }

  /** Compiles the user's project; the compiler's own words when it does not. */
  async function tsc(project: string, ...flags: string[]): Promise<void> {
    await run("npx", ["tsc", "-p", project, ...flags], { cwd: folder }).catch((error: { stdout: string }) => {
      assert.fail(`${project}:\n${error.stdout}`)
    })
  }
})

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly types?: string; readonly default?: string }>>
}

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

const requiringProgram = `const { createTestPair } = require("farcall/testing")
const { Greeter } = require("./gen/greeter_grpc.js")

async function main() {
  const pair = await createTestPair(Greeter, { sayHello: ({ name }) => ({ message: \`Hello, \${name}!\` }) })
  console.log((await pair.client.sayHello({ name: "required" })).message)
  await pair.close()
}
void main()
`

const workerModule = `import { StatusError } from "farcall"
import { serveWorker } from "farcall/worker"
import { Greeter } from "./gen/greeter_grpc.js"

serveWorker(Greeter, {
  sayHello({ name }) {
    if (name === "nobody") throw new StatusError("NOT_FOUND", name)
    return { message: \`hello \${name}\` }
  },
})
`

const togetherProgram = `import { createChannel, createClient, createServer, Metadata, StatusError } from "farcall"
import { addHealth, Health } from "farcall/health"
import { logging } from "farcall/logging"
import { addReflection, ServerReflection } from "farcall/reflection"
import { createTestPair } from "farcall/testing"
import { Greeter } from "./gen/greeter_grpc.js"

const codeOf = (error: unknown): string => (error instanceof StatusError ? error.code : String(error))

const servicer = {
  sayHello(): never {
    throw new StatusError("NOT_FOUND", "nobody is here")
  },
}
const tracers = [logging({ log: () => {} })]
await using pair = await createTestPair(Greeter, servicer, { server: { tracers } })
console.log("in memory:", await pair.client.sayHello({ name: "packed" }).catch(codeOf))
console.log("names:", StatusError.name, Metadata.name)

await using server = createServer()
server.add(Greeter, new URL("./worker.js", import.meta.url), { workers: 1 })
addHealth(server)
addReflection(server)
await using channel = createChannel((await server.listen("localhost:0")).toString())
const client = createClient(Greeter, channel)
console.log("on a thread:", (await client.sayHello({ name: "packed" })).message)
console.log("on a thread:", await client.sayHello({ name: "nobody" }).catch(codeOf))
console.log("health:", (await createClient(Health, channel).check({ service: Greeter.typeName })).status)
const asked = (value: string) => ({ messageRequest: { case: "fileContainingSymbol", value } }) as const
const questions = [Greeter, Health, ServerReflection].map(({ typeName }) => asked(typeName))
for await (const { messageResponse: answer } of createClient(ServerReflection, channel).serverReflectionInfo(questions)) {
  console.log("reflection:", answer.case)
}
`

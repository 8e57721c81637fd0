import { execFile, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { startProgram } from "../measure/pinned-process.js"
import { echoProto, peerFolder, peerSource } from "./paths.js"
import { type Peer, PeerMissing } from "./peer.js"

/** The asynchronous server of gRPC C++, of the system's own libgrpc++. */
export const cpp: Peer = {
  name: "C++",
  async start(core) {
    return startProgram(core, await build(), [])
  },
}

/** npm puts programs of node_modules first; here the system's protoc is meant, which fits the system's libprotobuf. */
const env = {
  ...process.env,
  PATH: (process.env["PATH"] ?? "")
    .split(":")
    .filter((folder) => !folder.includes("node_modules"))
    .join(":"),
}

const needed = ["g++", "protoc", "grpc_cpp_plugin", "pkg-config"]

/** Compiles it, unless that has been done since its source was changed. */
async function build(): Promise<string> {
  const missing = needed.filter((command) => spawnSync(command, ["--version"], { env }).error !== undefined)
  if (missing.length > 0 || spawnSync("pkg-config", ["--exists", "grpc++"], { env }).status !== 0) {
    throw new PeerMissing("apt-get install g++ pkg-config libgrpc++-dev protobuf-compiler-grpc")
  }
  const source = peerSource("cpp/echo-server.cc")
  const folder = peerFolder("cpp")
  const program = join(folder, "echo-server")
  if (existsSync(program) && (await stat(program)).mtimeMs > (await stat(source)).mtimeMs) return program
  await mkdir(folder, { recursive: true })
  const run = (command: string, args: string[]) => promisify(execFile)(command, args, { env })
  const plugin = (await run("which", ["grpc_cpp_plugin"])).stdout.trim()
  const outs = [`--cpp_out=${folder}`, `--grpc_out=${folder}`, `--plugin=protoc-gen-grpc=${plugin}`]
  await run("protoc", ["-I", join(echoProto, ".."), ...outs, echoProto])
  const { stdout: flags } = await run("pkg-config", ["--cflags", "--libs", "grpc++", "protobuf"])
  const sources = [source, join(folder, "echo.pb.cc"), join(folder, "echo.grpc.pb.cc")]
  await run("g++", ["-O2", "-std=c++17", `-I${folder}`, ...sources, "-o", program, ...flags.trim().split(/\s+/)])
  return program
}

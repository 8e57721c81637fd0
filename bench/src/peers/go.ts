import { execFile, spawnSync } from "node:child_process"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { startProgram } from "../measure/pinned-process.js"
import { peerFolder, peerSource } from "./paths.js"
import { type Peer, PeerMissing } from "./peer.js"

/** The server of grpc-go. */
export const go: Peer = {
  name: "grpc-go",
  async start(core) {
    if (spawnSync("go", ["version"]).error !== undefined) throw new PeerMissing("install Go 1.24 or later")
    const folder = peerFolder("go")
    await mkdir(folder, { recursive: true })
    const program = join(folder, "echo-server")
    // Go itself knows whether anything is to be done.
    await promisify(execFile)("go", ["build", "-o", program, "."], { cwd: peerSource("go") })
    return startProgram(core, program, [])
  },
}

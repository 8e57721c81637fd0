import { spawnSync } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { connect, createServer } from "node:net"
import { dirname, join } from "node:path"
import { startProgram } from "../measure/pinned-process.js"
import { peerFolder } from "./paths.js"
import { type Peer, PeerMissing } from "./peer.js"

/** nghttp2's own server with a file at the method's path: what a response costs in C, when nothing is done for it. */
export function nghttpd(path: string, response: Uint8Array): Peer {
  return {
    name: "nghttpd",
    async start(core) {
      if (spawnSync("nghttpd", ["--version"]).error !== undefined)
        throw new PeerMissing("apt-get install nghttp2-server")
      const root = peerFolder("nghttpd")
      const file = join(root, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, response)
      const port = await freePort()
      const server = await startProgram(core, "nghttpd", ["--no-tls", "-a", "127.0.0.1", "-d", root, `${port}`], port)
      await untilOpen(port)
      return server
    },
  }
}

/** nghttpd wants to be told a port, and says nothing when it listens there. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function untilOpen(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true))
      socket.on("error", () => resolve(false))
      socket.on("connect", () => socket.destroy())
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nghttpd does not listen on port ${port}`)
}

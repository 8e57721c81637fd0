import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { createServer } from "../server/server.js"
import { authority, identity } from "../test-support/certificates.js"
import { Parrot } from "../test-support/parrot.js"
import { tls } from "./tls-credentials.js"

const program = fileURLToPath(new URL("../test-support/forgotten-channel.js", import.meta.url))
const run = promisify(execFile)

/** How each is listened on, and what is to be believed there. */
const ways = [
  ["TCP", "127.0.0.1:0", undefined],
  ["TLS", "127.0.0.1:0", authority],
  ["a unix socket", `unix:${join(tmpdir(), `held-process-${process.pid}.sock`)}`, undefined],
] as const

describe("a connection without calls keeps no process alive, one with calls does", () => {
  for (const [name, place, ca] of ways) {
    for (const ending of ["forgotten", "close"]) {
      it(`over ${name}, ${ending === "close" ? "and is closed in order" : "forgotten by its program"}`, async () => {
        await using server = createServer()
        // The calls are answered when the caller has nothing to do any more but wait.
        const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
        server.add(Parrot, {
          async say(request) {
            await pause()
            return request
          },
          async *repeat(request) {
            await pause()
            yield request
            await pause()
            yield request
          },
        })
        const address = await server.listen(place, ca === undefined ? {} : { credentials: tls(identity("server")) })
        const { stdout } = await run(process.execPath, [program, `${address}`, ca ?? "-", ending])
        assert.equal(stdout, `once\nagain\nagain\n${ending === "close" ? "closed\n" : ""}`)
      })
    }
  }
})

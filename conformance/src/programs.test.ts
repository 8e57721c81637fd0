import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { ChildProgram, freePort, isFree } from "./test-support/child-program.js"
import { transcripts, workersOfOriginals } from "./test-support/transcripts.js"

// The programs of the examples as a terminal meets them: flags, stdout, stderr, exit codes.
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

function start(path: string, ...flags: string[]): ChildProgram {
  return new ChildProgram([process.execPath, join(root, "examples", path), ...flags], {}, 60_000)
}

describe("the examples' programs", { concurrency: 2 }, () => {
  for (const [system, transcript] of Object.entries(transcripts)) {
    it(`${system}: client and server print what they should, and the server ends on an interrupt`, async () => {
      const port = await freePort()
      const expected = transcript({ client: "TypeScript", server: "TypeScript", port })
      const server = start(`${system}/dist/server.js`, "--port", `${port}`)
      try {
        await server.firstLine()
        assert.deepEqual(await start(`${system}/dist/client.js`, "--port", `${port}`).end(), expected.client)
        server.interrupt("SIGTERM")
        assert.deepEqual(await server.end(), expected.server)
      } finally {
        await server.kill()
      }
    })

    it(`${system}: a client without a server says so and ends with exit 1`, async () => {
      const port = await freePort()
      const client = start(`${system}/dist/client.js`, "--host", "127.0.0.1", "--port", `${port}`)
      await assert.rejects(client.end(), new RegExp(`ended with 1\n[\\s\\S]*UNAVAILABLE: .*127\\.0\\.0\\.1:${port}`))
    })
  }

  for (const [system, workers] of [...Object.entries(workersOfOriginals), ["digestor", ["--workers", "0"]] as const]) {
    it(`${system} ${workers.join(" ")}: prints the same, and ends on an interrupt`, async () => {
      const port = await freePort()
      const expected = transcripts[system]!({ client: "TypeScript", server: "TypeScript", port })
      const server = start(`${system}/dist/server.js`, "--port", `${port}`, ...workers)
      try {
        await server.firstLine()
        const clients = [1, 2, 3].map(() => start(`${system}/dist/client.js`, "--port", `${port}`).end())
        for (const lines of await Promise.all(clients)) assert.deepEqual(lines, expected.client)
        server.interrupt("SIGINT")
        const lines = await server.end()
        assert.deepEqual([...new Set(lines)], expected.server)
      } finally {
        await server.kill()
      }
    })
  }

  it("a server whose call does not end ends on an interrupt all the same", async () => {
    const port = await freePort()
    const server = start("grpc-demo/dist/server.js", "--port", `${port}`)
    try {
      await server.firstLine()
      const client = start("grpc-demo/dist/client.js", "--port", `${port}`)
      await server.lineThat((line) => line.endsWith("message: 0"))
      server.interrupt("SIGINT")
      await server.end()
      await assert.rejects(client.end(), /ended with 1\n/)
    } finally {
      await server.kill()
    }
  })
})

describe("the examples' tests", () => {
  for (const system of Object.keys(transcripts)) {
    it(`${system}: pass over a socket as well`, async () => {
      const file = join(root, "examples", system, "dist/test", `${system}.test.js`)
      const command = [process.execPath, "--test", "--test-reporter=tap", file]
      const lines = await new ChildProgram(command, { FARCALL_TEST_TRANSPORT: "tcp" }, 60_000).end()
      const passed = lines.find((line) => line.startsWith("# pass "))
      assert.notEqual(passed, "# pass 0")
      assert.ok(lines.includes("# fail 0"))
    })
  }
})

describe("the demo", () => {
  it("calls all six systems, shows the answers, and ends well with --once", async () => {
    const lines = await start("demo/dist/demo.js", "--once", "--port-offset", `${await freeOffset()}`).end()
    const rows = lines.filter((line) => line.startsWith("✓"))
    const systems = rows.map((row) => row.split(/\s+/)[1])
    assert.equal(rows.length, 10)
    assert.deepEqual(new Set(systems), new Set(Object.keys(transcripts)))
    assert.ok(lines.includes("all 10 answers are right"))
  })

  it("goes on serving until an interrupt, and prints what the systems say", async () => {
    const offset = await freeOffset()
    const demo = start("demo/dist/demo.js", "--port-offset", `${offset}`)
    try {
      await demo.lineThat((line) => line.startsWith("Serving on "))
      await start("stream-test/dist/client.js", "--port", `${50051 + offset}`).end()
      await start("user-info/dist/client.js", "--port", `${50051 + offset}`).end()
      await demo.lineThat((line) => line === "stream-test │ b")
      demo.interrupt("SIGINT")
      await demo.end()
    } finally {
      await demo.kill()
    }
  })

  it("names a port that is taken, and ends with exit 1", async () => {
    const offset = await freeOffset()
    const other = createServer().listen(8080 + offset, "127.0.0.1")
    await once(other, "listening")
    try {
      const demo = start("demo/dist/demo.js", "--once", "--port-offset", `${offset}`)
      await assert.rejects(demo.end(), new RegExp(`ended with 1\n[\\s\\S]*port ${8080 + offset} is taken`))
    } finally {
      other.close()
    }
  })
})

/** An offset at which all of the demo's ports are free. */
async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = 1_000 + Math.floor(Math.random() * 14_000)
    const ports = [5001, 8080, 23333, 50051].map((port) => port + offset)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return offset
  }
}

import assert from "node:assert/strict"
import { dirname, join } from "node:path"
import { after, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { ChildProgram, freePort } from "./test-support/child-program.js"
import { type Row, Scoreboard } from "./test-support/scoreboard.js"
import { type Implementation, peerTranscripts, transcripts, workersOfOriginals } from "./test-support/transcripts.js"

// The scoreboard: our programs against Python's, both ways. What they print is compared line by line.
const python = process.env["FARCALL_PYTHON"]
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const limitMs = 60_000

const bothWays = (system: string, variant: Row["variant"] = ""): Row[] => [
  { system, client: "TypeScript", server: "Python", variant },
  { system, client: "Python", server: "TypeScript", variant },
]
const systemRows: readonly Row[] = [
  ...Object.keys(transcripts).flatMap((system) => bothWays(system)),
  ...bothWays("user-info", "async_"),
]

const options = {
  skip: python ? false : "FARCALL_PYTHON names no Python with grpcio; npm test makes one",
  concurrency: 3,
}

describe("the six systems and Python's", options, () => {
  const board = new Scoreboard("system")
  after(() => board.print())

  for (const row of systemRows) {
    it(
      `${row.system}: ${row.client} client, ${row.server} server${row.variant && ", asyncio"}`,
      board.scored(row, row.system, async () => {
        const port = await freePort()
        const expected = transcripts[row.system]!({ ...row, port })
        await withServer(row, port, async (server) => {
          const client = start(row.client, row, "client", ["--port", `${port}`])
          assert.deepEqual(await client.end(), expected.client)
          server.interrupt("SIGINT")
          assert.deepEqual(await server.end(), expected.server)
        })
      }),
    )
  }
})

describe("peer.proto and Python's", options, () => {
  const board = new Scoreboard("case")
  after(() => board.print())

  for (const row of bothWays("peer")) {
    for (const [name, expected] of Object.entries(peerTranscripts)) {
      it(
        `${name}: ${row.client} client, ${row.server} server`,
        board.scored(row, name, () =>
          withServer(row, 0, async (server) => {
            const port = /^Server started, listening on (\d+)$/.exec(await server.firstLine())![1]!
            const client = start(row.client, row, "client", ["--port", port, "--case", name])
            assert.deepEqual(await client.end(), expected)
            server.interrupt("SIGTERM")
            assert.equal((await server.end()).length, 1)
          }),
        ),
      )
    }
  }
})

describe("peer.proto over TLS, both sides with a certificate, and Python's", options, () => {
  const board = new Scoreboard("case")
  after(() => board.print())
  const certificates = ["--certificates", join(root, "packages/farcall/src/test-support/certificates")]

  for (const row of bothWays("peer")) {
    for (const name of ["metadata", "large", "many", "stream", "abort"]) {
      it(
        `${name}: ${row.client} client, ${row.server} server`,
        board.scored(row, name, async () => {
          const server = start(row.server, row, "server", ["--port", "0", ...certificates])
          try {
            const port = /^Server started, listening on (\d+)$/.exec(await server.firstLine())![1]!
            const client = start(row.client, row, "client", ["--port", port, "--case", name, ...certificates])
            assert.deepEqual(await client.end(), peerTranscripts[name])
          } finally {
            await server.kill()
          }
        }),
      )
    }
  }
})

it("Python's client in plaintext fails at once at a server of ours that takes TLS", options, async () => {
  const [ours] = bothWays("peer").filter(({ server }) => server === "TypeScript")
  const certificates = join(root, "packages/farcall/src/test-support/certificates")
  const server = start("TypeScript", ours!, "server", ["--port", "0", "--certificates", certificates])
  try {
    const port = /(\d+)$/.exec(await server.firstLine())![1]!
    // Its calls have no deadline: one that connects again and again would not end.
    await assert.rejects(start("Python", ours!, "client", ["--port", port, "--case", "large"]).end(), /UNAVAILABLE: /)
  } finally {
    await server.kill()
  }
})

/** Runs the row's server for as long as `action` takes. */
async function withServer(row: Row, port: number, action: (server: ChildProgram) => Promise<void>): Promise<void> {
  const workers = row.server === "TypeScript" ? (workersOfOriginals[row.system] ?? []) : []
  const server = start(row.server, row, "server", ["--port", `${port}`, ...workers])
  try {
    await server.firstLine()
    await action(server)
  } finally {
    await server.kill()
  }
}

function start(side: Implementation, row: Row, program: "client" | "server", flags: readonly string[]): ChildProgram {
  const { system, variant } = row
  const common = ["--host", "127.0.0.1", ...flags]
  if (side === "TypeScript") {
    const folder = system === "peer" ? "conformance/dist/peer" : `examples/${system}/dist`
    return new ChildProgram([process.execPath, join(root, folder, `${program}.js`), ...common], {}, limitMs)
  }
  const peers = join(root, "conformance/python")
  const env = { PYTHONPATH: [peers, join(root, ".cache/python-stubs", system)].join(":"), PYTHONDONTWRITEBYTECODE: "1" }
  return new ChildProgram([python!, join(peers, system, `${variant}${program}.py`), ...common], env, limitMs)
}

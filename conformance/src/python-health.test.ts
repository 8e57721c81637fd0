import assert from "node:assert/strict"
import { join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { bytesMethod, createChannel, createClient, createServer, StatusError } from "farcall"
import { addHealth, Health, servingStatus } from "farcall/health"
import { ChildProgram } from "./test-support/child-program.js"

// Health between ours and grpcio-health-checking, both ways, over sockets.
const python = process.env["FARCALL_PYTHON"]
const folder = fileURLToPath(new URL("../python", import.meta.url))
const env = { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" }
const skip = python ? false : "FARCALL_PYTHON names no Python with grpcio; npm test makes one"

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = servingStatus

const Control = {
  typeName: "health.Control",
  methods: { set: bytesMethod("/health.Control/Set", "unary") },
} as const

describe("health", { skip }, () => {
  it("of our server, asked by grpcio-health-checking's stub", async () => {
    const server = createServer()
    const health = addHealth(server)
    const { port } = await server.listen("127.0.0.1:0")
    const service = "grpc.health.v1.Health"
    const client = new ChildProgram(
      [python!, join(folder, "health/client.py"), `${port}`, service, "no.Such"],
      env,
      60_000,
    )
    try {
      await client.lineThat((line) => line === "watch: SERVING")
      health.set(service, "UNKNOWN")
      await client.lineThat((line) => line === "watch: UNKNOWN")
      health.clear(service)
      await client.lineThat((line) => client.lines.indexOf(line) !== client.lines.lastIndexOf(line))
      await server.shutdown()
      assert.deepEqual(await client.end(), [
        "check : SERVING",
        "check grpc.health.v1.Health: SERVING",
        "check no.Such: NOT_FOUND",
        "list:  SERVING, grpc.health.v1.Health SERVING",
        "watch: SERVING",
        "watch: UNKNOWN",
        "watch: SERVING",
        "watch: NOT_SERVING",
        "watch: UNAVAILABLE",
      ])
    } finally {
      await client.kill()
    }
  })

  it("of our server, heeded by a channel of grpcio's", async () => {
    const server = createServer()
    const health = addHealth(server, { mode: "manual" })
    const { port } = await server.listen("127.0.0.1:0")
    const client = new ChildProgram([python!, join(folder, "health/heed.py"), `${port}`, "own.Service"], env, 60_000)
    const times = (state: string): number => client.lines.filter((line) => line === state).length
    try {
      await client.lineThat((line) => line === "TRANSIENT_FAILURE") // it is not known yet
      health.set("own.Service", "SERVING")
      await client.lineThat((line) => line === "READY")
      health.set("own.Service", "NOT_SERVING")
      await client.lineThat(() => times("TRANSIENT_FAILURE") === 2)
      health.set("own.Service", "SERVING")
      await client.lineThat(() => times("READY") === 2)
    } finally {
      await client.kill()
      await server.shutdown({ graceMs: 0 })
    }
  })

  it("of grpcio-health-checking's servicer, asked by our client, and heeded by our channel", async () => {
    const server = new ChildProgram([python!, join(folder, "health/server.py")], env, 60_000)
    const target = `127.0.0.1:${await server.firstLine()}`
    await using channel = createChannel(target)
    await using heedful = createChannel(target, {
      serviceConfig: {
        loadBalancingConfig: [{ round_robin: {} }],
        healthCheckConfig: { serviceName: "own.Service" },
      },
    })
    try {
      const health = createClient(Health, channel, { timeoutMs: 20_000 })
      const control = createClient(Control, channel, { timeoutMs: 20_000 })
      const set = (status: string): Promise<unknown> => control.set(Buffer.from(`own.Service ${status}`))
      assert.equal((await health.check({ service: "" })).status, SERVING)
      const unknown = health.check({ service: "own.Service" })
      await assert.rejects(unknown, (error) => error instanceof StatusError && error.code === "NOT_FOUND")

      const watched = health.watch({ service: "own.Service" })[Symbol.asyncIterator]()
      const told = async (): Promise<number> => (await watched.next()).value!.status
      assert.equal(await told(), SERVICE_UNKNOWN)
      await set("SERVING")
      assert.equal(await told(), SERVING)
      assert.equal((await createClient(Health, heedful).check({ service: "own.Service" })).status, SERVING)
      assert.equal(heedful.state, "READY")

      await set("NOT_SERVING")
      assert.equal(await told(), NOT_SERVING)
      for await (const state of heedful.watchState()) if (state === "TRANSIENT_FAILURE") break
      const call = createClient(Health, heedful).check({ service: "own.Service" })
      await assert.rejects(call, /own\.Service is NOT_SERVING there/)
      await watched.return?.()
    } finally {
      await server.kill()
    }
  })
})

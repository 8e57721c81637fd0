import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { channelz } from "../channelz/channelz.js"
import { limits } from "../core/limits.js"
import { failureOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair, type TestPairOptions } from "../testing/test-pair.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { addHealth, Health, type HealthClient, type ServerHealth, servingStatus } from "./index.js"

// What becomes of services while a server serves, as its health tells it.

const names = Object.fromEntries(Object.entries(servingStatus).map(([name, number]) => [number, name]))

/** What a watch is told, until its pair is closed. */
function watch(client: HealthClient, service: string): string[] {
  const told: string[] = []
  const reading = async (): Promise<void> => {
    for await (const { status } of client.watch({ service })) told.push(names[status]!)
  }
  reading().catch(() => {})
  return told
}

const file = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href)

/** A parrot that ends its thread when it is told to, and before its first call where the environment says so. */
const mortal = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { serveWorker } from ${file("../server/workers/serve-worker.js")}
    import { Parrot } from ${file("../test-support/parrot.js")}
    serveWorker(Parrot, { say: ({ text }) => (text === "die" ? process.exit(3) : { text }) })
    if (process.env.PARROTS_DIE === "yes") setImmediate(() => process.exit(7))
  `)}`,
)

interface Scene {
  readonly clock: VirtualClock
  readonly options: TestPairOptions
  readonly health: () => ServerHealth
}

function scene(mode?: "manual"): Scene {
  const clock = virtualClock()
  let health!: ServerHealth
  const configure: TestPairOptions["configure"] = (server) => {
    health = addHealth(server, { mode })
  }
  return { clock, options: { clock, configure, server: { onHandlerError: () => {} } }, health: () => health }
}

describe("health of a service on worker threads", () => {
  for (const mode of [undefined, "manual"] as const) {
    it(`is NOT_SERVING while its threads are gone and none can be started${mode ? `, ${mode} too` : ""}`, async () => {
      const { clock, options, health } = scene(mode)
      process.env["PARROTS_DIE"] = "no"
      await using pair = await createTestPair(Parrot, mortal, { ...options, workers: 2 })
      health().set("test.Parrot", "SERVING")
      const parrot = watch(pair.clientOf(Health), "test.Parrot")
      const server = watch(pair.clientOf(Health), "")
      assert.deepEqual(await pair.client.say({ text: "hi" }), { text: "hi" })
      await until(() => parrot.length === 1 && server.length === 1, "the first word")

      // One that is left serves the calls.
      process.env["PARROTS_DIE"] = "yes"
      assert.equal((await failureOf(pair.client.say({ text: "die" }))).code, "INTERNAL")
      assert.deepEqual(await pair.client.say({ text: "hi" }), { text: "hi" })
      assert.equal(health().status("test.Parrot"), "SERVING")

      assert.equal((await failureOf(pair.client.say({ text: "die" }))).code, "INTERNAL")
      await until(() => parrot.length === 2, "NOT_SERVING")
      assert.equal((await failureOf(pair.client.say({ text: "hi" }))).code, "UNAVAILABLE")

      process.env["PARROTS_DIE"] = "no"
      await clock.advance(limits.maxWorkerRestartMs)
      await until(() => parrot.length === 3, "SERVING again")
      assert.deepEqual(parrot, ["SERVING", "NOT_SERVING", "SERVING"])
      assert.deepEqual(server, ["SERVING"])
      assert.deepEqual(await pair.client.say({ text: "hi" }), { text: "hi" })
    })
  }
})

describe("health of a service that is added while the server serves", () => {
  it("is told to those who watch for it", async () => {
    const { clock, options } = scene()
    await using pair = await createTestPair(Parrot, {}, options)
    const told = watch(pair.clientOf(Health), "test.Second")
    await clock.settle()
    const methods = Object.entries(Parrot.methods).map(([name, method]) => [
      name,
      { ...method, path: method.path.replace("Parrot", "Second") },
    ])
    await pair.add({ ...Parrot, typeName: "test.Second", methods: Object.fromEntries(methods) }, {})
    await until(() => told.length === 2, "the service")
    assert.deepEqual(told, ["SERVICE_UNKNOWN", "SERVING"])
    const events = channelz.snapshot().servers.flatMap(({ trace }) => trace.events)
    assert.ok(events.some(({ text }) => text === "serves test.Second too"))
  })
})

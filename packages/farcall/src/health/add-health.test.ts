import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { StatusError } from "../core/status-error.js"
import { createServer } from "../server/server.js"
import { failureOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair, type TestPair, type TestPairOptions } from "../testing/test-pair.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { addHealth, Health, type HealthClient, type HealthOptions, type ServerHealth, servingStatus } from "./index.js"

interface Scene extends AsyncDisposable {
  readonly pair: TestPair<typeof Parrot>
  readonly health: ServerHealth
  readonly client: HealthClient
  readonly clock: VirtualClock
}

/** A server of the parrot with health, and a client of the latter. */
async function open(options: HealthOptions = {}, pairOptions: TestPairOptions = {}): Promise<Scene> {
  const clock = virtualClock()
  let health!: ServerHealth
  const configure: TestPairOptions["configure"] = (server) => {
    health = addHealth(server, options)
  }
  const pair = await createTestPair(Parrot, { say: (request) => request }, { clock, configure, ...pairOptions })
  return { pair, health, clock, client: pair.clientOf(Health), [Symbol.asyncDispose]: () => pair.close() }
}

const names = Object.fromEntries(Object.entries(servingStatus).map(([name, number]) => [number, name]))

async function check(client: HealthClient, service: string): Promise<string> {
  return names[(await client.check({ service })).status]!
}

async function list(client: HealthClient): Promise<Record<string, string>> {
  const { statuses } = await client.list({})
  return Object.fromEntries(Object.entries(statuses).map(([service, { status }]) => [service, names[status]!]))
}

/** What a call of Watch was told so far, and how it ended. */
function watch(
  client: HealthClient,
  service: string,
  signal?: AbortSignal,
): { told: string[]; ended: Promise<unknown> } {
  const told: string[] = []
  const reading = async (): Promise<void> => {
    for await (const { status } of client.watch({ service }, { signal })) told.push(names[status]!)
  }
  const ended = reading().catch((error: unknown) => error)
  return { told, ended }
}

describe("health, automatic", () => {
  it("has all that is served, and the server as a whole, SERVING", async () => {
    await using scene = await open()
    const { client } = scene
    assert.equal(await check(client, ""), "SERVING")
    assert.equal(await check(client, "test.Parrot"), "SERVING")
    assert.deepEqual(await list(client), {
      "": "SERVING",
      "test.Parrot": "SERVING",
      "grpc.health.v1.Health": "SERVING",
    })
  })

  it("57. answers NOT_FOUND for what is not known, whatever it is called", async () => {
    await using scene = await open()
    for (const service of ["test.Parro", "__proto__", "constructor", "ü", " "]) {
      const error = await failureOf(scene.client.check({ service }))
      assert.equal(error.code, "NOT_FOUND")
      assert.match(error.message, /^nothing is known here of "/)
    }
  })

  it("takes no name that is too long, to check or to watch", async () => {
    await using scene = await open()
    const service = "a".repeat(1_025)
    for (const error of [await failureOf(scene.client.check({ service })), await watch(scene.client, service).ended]) {
      assert.ok(error instanceof StatusError)
      const told = `${error.code}: ${error.message}`
      assert.equal(told, "INVALID_ARGUMENT: a service's name of 1025 characters, the limit is 1024")
    }
  })

  it("lets `set` and `setAll` say otherwise, and takes that back by `clear`", async () => {
    await using scene = await open()
    const { client, health } = scene
    health.set("test.Parrot", "NOT_SERVING")
    health.set("own.Name", "UNKNOWN")
    assert.equal(await check(client, "test.Parrot"), "NOT_SERVING")
    assert.equal(await check(client, "own.Name"), "UNKNOWN")
    assert.equal(await check(client, ""), "SERVING")
    health.clear("test.Parrot")
    health.clear("own.Name")
    assert.equal(await check(client, "test.Parrot"), "SERVING")
    assert.equal(health.status("own.Name"), undefined)
    health.setAll("NOT_SERVING")
    const all = await list(client)
    assert.deepEqual(all, Object.fromEntries(Object.keys(all).map((name) => [name, "NOT_SERVING"])))
  })

  it("is NOT_SERVING in all from `shutdown` to `resume`, and then as was set before and meanwhile", async () => {
    await using scene = await open()
    const { client, health } = scene
    health.set("a", "UNKNOWN")
    health.shutdown()
    health.set("b", "SERVING")
    assert.deepEqual(new Set(Object.values(await list(client))), new Set(["NOT_SERVING"]))
    health.resume()
    assert.equal(await check(client, "a"), "UNKNOWN")
    assert.equal(await check(client, "b"), "SERVING")
    assert.equal(await check(client, "test.Parrot"), "SERVING")
  })
})

describe("health, manual", () => {
  it("knows what was set, and the server as a whole", async () => {
    await using scene = await open({ mode: "manual" })
    const { client, health } = scene
    assert.deepEqual(await list(client), { "": "SERVING" })
    assert.equal((await failureOf(client.check({ service: "test.Parrot" }))).code, "NOT_FOUND")
    health.set("test.Parrot", "SERVING")
    health.set("__proto__", "NOT_SERVING")
    assert.equal(await check(client, "test.Parrot"), "SERVING")
    assert.equal(await check(client, "__proto__"), "NOT_SERVING")
    health.clear("test.Parrot")
    assert.equal((await failureOf(client.check({ service: "test.Parrot" }))).code, "NOT_FOUND")
  })
})

describe("Watch", () => {
  it("tells the state at once, and every change", async () => {
    await using scene = await open()
    const { client, health } = scene
    const parrot = watch(client, "test.Parrot")
    const server = watch(client, "")
    await scene.clock.settle()
    assert.deepEqual(parrot.told, ["SERVING"])
    for (const status of ["NOT_SERVING", "NOT_SERVING", "UNKNOWN", "SERVING"] as const) {
      health.set("test.Parrot", status)
      await scene.clock.settle()
    }
    assert.deepEqual(parrot.told, ["SERVING", "NOT_SERVING", "UNKNOWN", "SERVING"])
    assert.deepEqual(server.told, ["SERVING"])
  })

  it("57. tells SERVICE_UNKNOWN of what is not known, and goes on until it is", async () => {
    await using scene = await open()
    const { told } = watch(scene.client, "later.Service")
    await scene.clock.settle()
    scene.health.set("later.Service", "SERVING")
    await scene.clock.settle()
    scene.health.clear("later.Service")
    await scene.clock.settle()
    assert.deepEqual(told, ["SERVICE_UNKNOWN", "SERVING", "SERVICE_UNKNOWN"])
  })

  it("tells of many changes in a row the last alone, and nothing when all is as before", async () => {
    await using scene = await open()
    const { told } = watch(scene.client, "a")
    await scene.clock.settle()
    for (let i = 0; i < 1_000; i++) {
      scene.health.set("a", "NOT_SERVING")
      scene.health.set("a", "SERVING")
    }
    await scene.clock.settle()
    scene.health.shutdown()
    scene.health.resume()
    await scene.clock.settle()
    assert.deepEqual(told, ["SERVICE_UNKNOWN", "SERVING"])
  })

  it("refuses more than there may be at once, and has room again when some are gone", async () => {
    await using scene = await open({ maxWatchers: 2 })
    const { client } = scene
    const abortion = new AbortController()
    const first = watch(client, "", abortion.signal)
    const second = watch(client, "")
    await scene.clock.settle()
    const third = await watch(client, "").ended
    assert.ok(third instanceof StatusError)
    assert.equal(`${third.code}: ${third.message}`, "RESOURCE_EXHAUSTED: 2 watch the health here, and no more may")
    assert.equal(await check(client, ""), "SERVING")
    abortion.abort()
    await first.ended
    await scene.clock.settle()
    const fourth = watch(client, "")
    await scene.clock.settle()
    assert.deepEqual([second.told, fourth.told], [["SERVING"], ["SERVING"]])
  })
})

describe("addHealth", () => {
  it("refuses options that are none, and a server that is none", () => {
    const server = createServer()
    assert.throws(
      () => addHealth(server, { mode: "auto" as never }),
      /mode is "auto", and must be "automatic" or "manual"/,
    )
    assert.throws(() => addHealth(server, { maxWatchers: -1 }), RangeError)
    assert.throws(() => addHealth(server, { probes: { db: 1 as never } }), /the probe db is no function/)
    assert.throws(
      () => addHealth(server, { probes: { db: { check: () => true, intervalMs: 0 } } }),
      /intervalMs of the probe db is 0, and must be above 0/,
    )
    assert.throws(() => addHealth({} as never), TypeError)
    const health = addHealth(server)
    assert.throws(() => health.set("a", "SERVICE_UNKNOWN" as never), /"SERVICE_UNKNOWN" is none of "SERVING"/)
    assert.throws(() => health.setAll(1 as never), TypeError)
    assert.throws(() => addHealth(server), /grpc\.health\.v1\.Health has been added already/)
  })

  it("works behind interceptors as well", async () => {
    await using scene = await open({}, { server: { interceptors: [(next) => (call) => next(call)] } })
    const { told, ended } = watch(scene.client, "test.Parrot")
    await scene.clock.settle()
    scene.health.set("test.Parrot", "NOT_SERVING")
    await scene.clock.settle()
    void scene.pair.server.shutdown()
    const error = (await ended) as StatusError
    assert.deepEqual(told, ["SERVING", "NOT_SERVING"])
    assert.equal(error.code, "UNAVAILABLE")
  })
})

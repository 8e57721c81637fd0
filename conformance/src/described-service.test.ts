import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { create, createRegistry, getOption } from "@bufbuild/protobuf"
import { createChannel, createClient, createServer, type Next } from "farcall"
import { createTestPair } from "farcall/testing"
import { Tallies as Generated, type TalliesClient } from "./gen/tally_grpc.js"
import { access, BallotSchema, Tallies as Described, file_tally } from "./gen/tally_pb.js"
import { tallies } from "./test-support/tallies.js"

/** Every kind of call, with what the compiler knows of the messages. */
async function callAll(client: TalliesClient): Promise<void> {
  const seal = new Uint8Array([1, 2, 3])
  const tally = await client.vote({ choice: "a", seal, weights: { mine: 2n ** 60n } })
  assert.equal(tally.votes["a"], 2n ** 60n)
  assert.equal(tally.$typeName, "farcall.tally.Tally")
  assert.deepEqual(tally.last?.seal, seal)
  assert.equal((await client.vote(create(BallotSchema, { choice: "b" }))).last?.choice, "b")
  await assert.rejects(client.vote({}), { code: "INVALID_ARGUMENT", message: /no choice/ })

  const seen: (bigint | undefined)[] = []
  for await (const { votes } of client.watch({ choice: "c" })) seen.push(votes["c"])
  assert.deepEqual(seen, [1n, 2n, 3n])

  assert.deepEqual((await client.voteAll([{ choice: "a" }, { choice: "b" }, { choice: "a" }])).votes, { a: 2n, b: 1n })
  const upload = client.voteAll()
  assert.equal(await upload.write({ choice: "z" }), true)
  upload.end()
  assert.deepEqual((await upload.response).votes, { z: 1n })

  const exchange = client.exchange()
  await exchange.write({ choice: "x".repeat(100_000) })
  exchange.end()
  for await (const { last } of exchange) assert.equal(last?.choice.length, 100_000)
  assert.equal((await exchange.status).code, "OK")
}

describe("a service that has schemas and no codecs", () => {
  it("is served and called, before its codec is loaded and afterwards", async () => {
    await using server = createServer().add(Described, tallies)
    const address = await server.listen("localhost:0")
    await using channel = createChannel(address.toString())
    const client = createClient(Described, channel)
    const early = [client.vote({ choice: "a" }), client.vote({ choice: "b" })]
    assert.deepEqual(
      (await Promise.all(early)).map(({ last }) => last?.choice),
      ["a", "b"],
    )
    await callAll(client)
  })

  it("is the same to a client with generated codecs, and to a server with them", async () => {
    await using described = await createTestPair(Described, tallies)
    await callAll(described.client)
    await callAll(createClient(Generated, described.channel))
    await using generated = await createTestPair(Generated, tallies)
    await callAll(createClient(Described, generated.channel))
  })

  it("is served on worker threads", async () => {
    const module = new URL("./test-support/tallies-worker.js", import.meta.url)
    await using described = await createTestPair(Described, module, { workers: 1 })
    await callAll(described.client)
    await callAll(createClient(Generated, described.channel))
    const intercepted = { workers: 1, server: { interceptors: [(next: Next): Next => next] } }
    await using other = await createTestPair(Generated, module, intercepted)
    await callAll(other.client)
  })

  it("is seen by interceptors, and is always the same definition", async () => {
    const seen: string[] = []
    const methods = new Set<unknown>()
    const pair = await createTestPair(Described, tallies, {
      client: {
        interceptors: [
          (next) => (call) => {
            seen.push(call.method.path)
            methods.add(call.method)
            return next(call)
          },
        ],
      },
    })
    await using _ = pair
    await pair.client.vote({ choice: "a" })
    const again = createClient(Described, pair.channel, {
      interceptors: [
        (next) => (call) => {
          methods.add(call.method)
          return next(call)
        },
      ],
    })
    await again.vote({ choice: "b" })
    assert.deepEqual(seen, ["/farcall.tally.Tallies/Vote"])
    assert.equal(methods.size, 1)
  })

  it("can be cancelled and has its deadline from the first call on", async () => {
    const pair = await createTestPair(Described, { ...tallies, vote: () => new Promise(() => {}) })
    await using _ = pair
    const cancelled = pair.client.vote({ choice: "a" }, { signal: AbortSignal.abort() })
    await assert.rejects(cancelled, { code: "CANCELLED" })
    await assert.rejects(pair.client.vote({ choice: "a" }, { timeoutMs: 20 }), { code: "DEADLINE_EXCEEDED" })
  })

  it("says what a request lacks, as protobuf-es does", async () => {
    await using pair = await createTestPair(Described, tallies)
    await assert.rejects(pair.client.vote({ weights: { mine: "many" as never } }), {
      code: "INTERNAL",
      message: /the request is no farcall\.tally\.Ballot/,
    })
    // @ts-expect-error there is no such method
    assert.equal(pair.client.absent, undefined)
    // @ts-expect-error a choice is a text
    const wrong = (): unknown => pair.client.vote({ choice: 5 })
    assert.equal(typeof wrong, "function")
  })
})

describe("the definition of a service", () => {
  it("has the options of its methods", () => {
    const { vote, watch, voteAll, exchange } = Generated.methods
    assert.deepEqual(
      [vote, watch, voteAll, exchange].map(({ idempotency }) => idempotency),
      [undefined, "NO_SIDE_EFFECTS", "IDEMPOTENT", undefined],
    )
    assert.deepEqual(
      [vote, voteAll].map(({ deprecated }) => deprecated),
      [undefined, true],
    )
  })

  it("leads to custom options, by a registry or by the descriptor of the same name", () => {
    const registry = createRegistry(file_tally)
    const found = registry
      .getService(Generated.typeName)!
      .methods.find(({ name }) => name === Generated.methods.vote.name)!
    const { role, scopes } = getOption(found, access)
    assert.deepEqual([role, scopes], ["voter", ["vote", "read"]])
    assert.equal(getOption(Described.method.vote, access).role, "voter")
    assert.deepEqual(getOption(Described.method.watch, access).scopes, [])
  })
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createClient } from "../client/client.js"
import type { Channel } from "../client/transport.js"
import { bytesMethod } from "../core/bytes-codec.js"
import { StatusError } from "../core/status-error.js"
import { failureOf, textsOf } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { callFields, serveRaw } from "../test-support/raw-ends.js"
import { framed } from "../test-support/raw-peer.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"
import type { ServerContext } from "./context.js"
import type { FallbackHandler } from "./router.js"

/** Hands every call on to another server, as it is. */
function proxyTo(upstream: Channel): FallbackHandler {
  return async function* (requests, context) {
    const methods = { call: bytesMethod(context.method.path, "bidiStreaming") }
    const client = createClient({ typeName: "proxy", methods }, upstream)
    const call = client.call(requests, { metadata: context.metadata, parent: context })
    context.responseHeaders.merge(await call.headers.catch(() => ({})))
    yield* call
    context.responseTrailers.merge(await call.trailers)
  }
}

const servicer = {
  say({ text }: Text, context: ServerContext) {
    context.responseHeaders.set("x-head", `of ${context.metadata.get("x-who")}`)
    context.responseTrailers.set("x-tail", "yes")
    return { text: `${text}!` }
  },
  async gather(requests: AsyncIterable<Text>) {
    let text = ""
    for await (const request of requests) text += request.text
    return { text }
  },
  *repeat({ text }: Text) {
    yield { text }
    yield { text: "x".repeat(100_000) }
    throw new StatusError("NOT_FOUND", "no third", { details: [{ typeUrl: "t/x", value: Uint8Array.of(1) }] })
  },
  async *chat(requests: AsyncIterable<Text>) {
    for await (const { text } of requests) yield { text: text.toUpperCase() }
  },
}

async function proxied(): Promise<{ near: TestPair<typeof Parrot>; far: TestPair<typeof Parrot> }> {
  const far = await createTestPair(Parrot, servicer)
  const nothing = { typeName: "test.Nothing", methods: {} }
  const pair = await createTestPair(nothing, {}, { server: { fallback: proxyTo(far.channel) } })
  return { near: { ...pair, client: createClient(Parrot, pair.channel) }, far }
}

describe("a server's fallback", () => {
  it("is a proxy of any method in ten lines: all four kinds, metadata, status and details", async () => {
    const { near, far } = await proxied()
    let head: unknown
    let tail: unknown
    const options = {
      metadata: { "x-who": "me" },
      onHeader: (headers: { get(key: string): unknown }) => (head = headers.get("x-head")),
      onTrailer: (trailers: { get(key: string): unknown }) => (tail = trailers.get("x-tail")),
    }
    assert.deepEqual(await near.client.say({ text: "hi" }, options), { text: "hi!" })
    assert.deepEqual([head, tail], ["of me", "yes"])
    assert.deepEqual(await near.client.gather([{ text: "a" }, { text: "b" }]), { text: "ab" })
    assert.deepEqual(await textsOf(near.client.chat([{ text: "a" }, { text: "b" }])), ["A", "B"])
    const got: number[] = []
    const error = await failureOf(
      (async () => {
        for await (const { text } of near.client.repeat({ text: "one" })) got.push(text.length)
      })(),
    )
    assert.deepEqual(got, [3, 100_000])
    assert.deepEqual([error.code, error.message, error.details[0]?.typeUrl], ["NOT_FOUND", "no third", "t/x"])
    await near.close()
    await far.close()
  })

  it("takes methods that a service here lacks, and none that it has", async () => {
    const seen: string[] = []
    async function* fallback(_requests: unknown, context: ServerContext): AsyncGenerator<Uint8Array> {
      seen.push(context.method.path)
      yield Buffer.from("fallback")
    }
    await using pair = await createTestPair(Parrot, { say: ({ text }) => ({ text }) }, { server: { fallback } })
    assert.deepEqual(await pair.client.say({ text: "a" }), { text: "a" })
    const methods = { other: bytesMethod("/test.Parrot/Other", "unary") }
    const other = createClient({ typeName: "test.Parrot", methods }, pair.channel)
    assert.equal(Buffer.from(await other.other(new Uint8Array(3))).toString(), "fallback")
    assert.deepEqual(seen, ["/test.Parrot/Other"])
    assert.equal((await failureOf(pair.client.gather([]))).code, "UNIMPLEMENTED", "left out by the servicer")
  })

  it("is not asked about paths that are none", async () => {
    await using under = await serveRaw({}, { fallback: () => assert.fail("it was asked") })
    for (const path of ["/", "//", "//Say", "/a/b/c", "/test.Parrot/"]) {
      const fields = callFields("Say").map((field) => (field === "/test.Parrot/Say" ? path : field))
      const raw = under.peer.request(fields)
      under.peer.data(raw, framed("x"), true)
      assert.equal((await under.peer.ended(raw)).trailers!.get("grpc-status"), "12", path)
    }
  })

  it("gives and takes bytes only", async () => {
    const fallback = (): Uint8Array[] => ["text" as unknown as Uint8Array]
    await using pair = await createTestPair({ typeName: "test.Nothing", methods: {} }, {}, { server: { fallback } })
    const methods = { call: bytesMethod("/a.B/C", "unary") }
    const client = createClient({ typeName: "a.B", methods }, pair.channel)
    const error = await failureOf(client.call(new Uint8Array(0)))
    assert.deepEqual(
      [error.code, error.message],
      ["INTERNAL", "the response is no bytes: bytes must be a Uint8Array, not string"],
    )
    assert.throws(() => bytesMethod("no path", "unary"), /"no path" does not have the form/)
  })
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib"
import type { CallOptions } from "../client/call-options.js"
import type { RetryPolicyJson } from "../client/service-config.js"
import type { Compression } from "../core/compression.js"
import type { Interceptor } from "../core/interceptor.js"
import type { ServerContext } from "../server/context.js"
import { createServer, type ServerOptions } from "../server/server.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, textsOf } from "../test-support/outcome.js"
import type { Text } from "../test-support/parrot.js"
import { Parrot } from "../test-support/parrot.js"
import { callFields, dialRaw, okFields, responseFields, serveRaw } from "../test-support/raw-ends.js"
import type { RawStream } from "../test-support/raw-peer.js"
import { createTestPair } from "../testing/test-pair.js"

/** Text that shrinks, and text too long to be done at once. */
const short = "a".repeat(1_000)
const long = "long enough for a thread ".repeat(20_000)

/** Says of each request whether it came compressed. */
const echo = {
  say: ({ text }: Text, context: ServerContext) => ({ text: `${context.requestCompressed} ${text}` }),
  async gather(requests: AsyncIterable<Text>, context: ServerContext) {
    const came: string[] = []
    for await (const { text } of requests) came.push(`${context.requestCompressed} ${text.length}`)
    return { text: came.join(", ") }
  },
  *repeat({ text }: Text) {
    for (let i = 0; i < 3; i++) yield { text: text + i }
  },
  async *chat(requests: AsyncIterable<Text>) {
    for await (const { text } of requests) yield { text }
  },
}

for (const compression of ["gzip", "deflate"] as const) {
  for (const text of [short, long]) {
    describe(`${compression}, both ways, messages of ${text.length} bytes`, () => {
      const options: CallOptions = { compression }
      const onServer: ServerOptions = { compression }

      it("all four kinds", async () => {
        await using pair = await createTestPair(Parrot, echo, { server: onServer })
        const { client } = pair
        assert.deepEqual(await client.say({ text }, options), { text: `true ${text}` })
        const sent = [{ text }, { text: "" }, { text: "x" }, { text }]
        const lengths = sent.map((one) => `${one.text !== ""} ${one.text.length}`).join(", ")
        assert.deepEqual(await client.gather(sent, options), { text: lengths }, "an empty message goes as it is")
        assert.deepEqual(await textsOf(client.repeat({ text }, options)), [`${text}0`, `${text}1`, `${text}2`])
        assert.deepEqual(
          await textsOf(client.chat(sent, options)),
          sent.map((one) => one.text),
        )
      })

      it("a message may be left as it is", async () => {
        await using pair = await createTestPair(Parrot, echo)
        const call = pair.client.gather(options)
        await call.write({ text })
        await call.write({ text }, { compress: false })
        await call.write({ text })
        call.end()
        assert.deepEqual(await call.response, {
          text: `true ${text.length}, false ${text.length}, true ${text.length}`,
        })
      })
    })
  }
}

it("a client's default, and a call that says otherwise", async () => {
  await using pair = await createTestPair(Parrot, echo, { client: { compression: "gzip" } })
  assert.equal((await pair.client.say({ text: "a" })).text, "true a")
  assert.equal((await pair.client.say({ text: "a" }, { compression: "identity" })).text, "false a")
})

it("interceptors on both sides change nothing of it", async () => {
  const interceptors = [(next: Parameters<import("../core/interceptor.js").Interceptor>[0]) => next]
  await using pair = await createTestPair(Parrot, echo, { server: { interceptors }, client: { interceptors } })
  const call = pair.client.gather({ compression: "gzip" })
  await call.write({ text: "one" })
  await call.write({ text: "two" }, { compress: false })
  call.end()
  assert.deepEqual(await call.response, { text: "true 3, false 3" })
})

it("a compression that is not known is refused before anything is sent", async () => {
  await using pair = await createTestPair(Parrot, echo)
  const error = await failureOf(pair.client.say({ text: "a" }, { compression: "zstd" }))
  assert.match(error.message, /the compression "zstd" is not known; there are identity,gzip,deflate/)
  assert.throws(() => createServer({ compression: "br" }), /createServer: the compression "br" is not known/)
  assert.throws(() => createServer({ compressions: [{ ...rot, name: "Not a token" }] }), TypeError)
})

/** One of a user's own, which takes its time. */
const rot: Compression = {
  name: "rot",
  compress: async (message) => message.map((byte) => (byte + 13) % 256).reverse(),
  decompress: async (message) => message.map((byte) => (byte + 243) % 256).reverse(),
}

it("compressions of one's own", async () => {
  await using pair = await createTestPair(Parrot, echo, {
    server: { compressions: [rot], compression: "rot" },
    channel: { compressions: [rot] },
  })
  const { client } = pair
  assert.equal((await client.say({ text: "abc" }, { compression: "rot" })).text, "true abc")
  const sent = Array.from({ length: 50 }, (_, i) => ({ text: String(i) }))
  const back = await textsOf(client.chat(sent, { compression: "rot" }))
  assert.deepEqual(
    back,
    sent.map(({ text }) => text),
    "in their order",
  )
})

for (const [what, broken] of [
  ["throws", { ...rot, decompress: () => assert.fail("no") }],
  ["rejects", { ...rot, decompress: async () => assert.fail("no") }],
] as const) {
  it(`one that ${what} ends its call INTERNAL, and no other`, async () => {
    await using pair = await createTestPair(Parrot, echo, {
      server: { compressions: [broken] },
      channel: { compressions: [rot] },
    })
    const error = await failureOf(pair.client.say({ text: "abc" }, { compression: "rot" }))
    assert.deepEqual([error.code, error.message], ["INTERNAL", "message cannot be inflated by rot: no"])
    assert.equal((await pair.client.say({ text: "abc" })).text, "false abc")
  })
}

for (const compress of [() => assert.fail("no"), async () => assert.fail("no")]) {
  it("one that cannot compress ends its call INTERNAL, on either side", async () => {
    const broken: Compression = { ...rot, compress }
    await using fromClient = await createTestPair(Parrot, echo, { channel: { compressions: [broken] } })
    const error = await failureOf(fromClient.client.say({ text: "abc" }, { compression: "rot" }))
    assert.deepEqual([error.code, error.message], ["INTERNAL", "message cannot be compressed by rot: no"])
    await using fromServer = await createTestPair(Parrot, echo, {
      server: { compressions: [broken], compression: "rot" },
      channel: { compressions: [rot] },
    })
    assert.equal((await failureOf(fromServer.client.say({ text: "abc" }))).code, "INTERNAL")
    assert.equal((await failureOf(textsOf(fromServer.client.repeat({ text: "abc" })))).code, "INTERNAL")
  })
}

const flagged = (payload: Uint8Array, flag = 1): Buffer => {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt8(flag, 0)
  prefix.writeUInt32BE(payload.length, 1)
  return Buffer.concat([prefix, payload])
}

describe("compression on the wire, at the server", () => {
  async function exchange(fields: readonly string[], body: Buffer, options: ServerOptions = {}): Promise<RawStream> {
    await using under = await serveRaw(echo, options)
    const raw = under.peer.request(callFields("Say", ...fields))
    under.peer.data(raw, body, true)
    return await under.peer.ended(raw)
  }

  it("32. each message stands for itself, and deflate is RFC 1950's", async () => {
    for (const [name, compress] of [["gzip", gzipSync] as const, ["deflate", deflateSync] as const]) {
      await using under = await serveRaw(echo)
      const raw = under.peer.request(callFields("Gather", "grpc-encoding", name))
      const bodies = ["a", "bb"].map((text) => flagged(compress(Buffer.from(text))))
      under.peer.data(raw, Buffer.concat([...bodies, flagged(Buffer.from("ccc"), 0)]), true)
      await under.peer.ended(raw)
      assert.equal(raw.body.subarray(5).toString(), "true 1, true 2, false 3")
    }
  })

  it("responses are compressed by the server's default towards a client that accepts it", async () => {
    for (const [name, inflate] of [["gzip", gunzipSync] as const, ["deflate", inflateSync] as const]) {
      const accepted = ["grpc-accept-encoding", "identity, gzip ,deflate"]
      const raw = await exchange(accepted, flagged(Buffer.from(short), 0), { compression: name })
      assert.equal(raw.headers!.get("grpc-encoding"), name)
      assert.equal(raw.body[0], 1)
      assert.equal(inflate(raw.body.subarray(5)).toString(), `false ${short}`)
    }
  })

  it("35. and not towards one that does not", async () => {
    for (const accepted of [[], ["grpc-accept-encoding", "deflate"], ["grpc-accept-encoding", "gzipped"]]) {
      const raw = await exchange(accepted, flagged(Buffer.from("a"), 0), { compression: "gzip" })
      assert.equal(raw.headers!.get("grpc-encoding"), undefined)
      assert.equal(raw.body[0], 0)
    }
  })

  it("a handler chooses, and leaves single messages as they are", async () => {
    await using under = await serveRaw({
      *repeat(_request, context) {
        context.compression = "gzip"
        assert.throws(() => (context.compression = "zstd"), TypeError)
        yield { text: "one" }
        context.compressMessages = false
        yield { text: "two" }
        context.compressMessages = true
        yield { text: "three" }
      },
    })
    const raw = under.peer.request(callFields("Repeat", "grpc-accept-encoding", "gzip"))
    under.peer.data(raw, flagged(Buffer.from("x"), 0), true)
    await under.peer.ended(raw)
    const flags: number[] = []
    for (let at = 0; at < raw.body.length; at += 5 + raw.body.readUInt32BE(at + 1)) flags.push(raw.body[at]!)
    assert.deepEqual(flags, [1, 0, 1])
  })

  it("30. a message that inflates to more than is accepted is RESOURCE_EXHAUSTED", async () => {
    for (const size of [5_000, 50_000_000]) {
      const bomb = gzipSync(Buffer.alloc(size))
      const raw = await exchange(["grpc-encoding", "gzip"], flagged(bomb), {
        maxReceiveMessageLength: Math.max(4_999, bomb.length),
      })
      assert.equal(raw.trailers!.get("grpc-status"), "8")
      assert.match(raw.trailers!.get("grpc-message")!, /^message inflates to more than the limit of \d+ bytes$/)
    }
  })

  it("what is no gzip is INTERNAL", async () => {
    for (const bytes of [Buffer.from("not gzip"), gzipSync("cut off").subarray(0, 12), Buffer.alloc(0)]) {
      const raw = await exchange(["grpc-encoding", "gzip"], flagged(bytes))
      assert.equal(raw.trailers!.get("grpc-status"), "13", bytes.toString("hex"))
    }
  })

  it("a reader that stands still keeps no more inflated than a little ahead", async () => {
    let go!: () => void
    const gone = new Promise<void>((resolve) => {
      go = resolve
    })
    let read = 0
    await using under = await serveRaw({
      async gather(requests) {
        await gone
        for await (const { text } of requests) read += text.length
        return { text: String(read) }
      },
    })
    const before = process.memoryUsage().arrayBuffers
    const raw = under.peer.request(callFields("Gather", "grpc-encoding", "gzip"))
    const message = flagged(gzipSync(Buffer.alloc(4_000_000)))
    for (let i = 0; i < 50; i++) under.peer.data(raw, message)
    under.peer.data(raw, message, true)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const kept = process.memoryUsage().arrayBuffers - before
    assert.ok(kept < 40_000_000, `${kept} bytes are kept of 204,000,000`)
    go()
    await under.peer.ended(raw)
    assert.equal(raw.body.subarray(5).toString(), "204000000")
  })

  it("a client that goes away while a message is inflated ends the call, and nothing more is heard of it", async () => {
    await using under = await serveRaw(echo)
    const raw = under.peer.request(callFields("Say", "grpc-encoding", "gzip"))
    under.peer.data(raw, flagged(gzipSync(Buffer.alloc(4_000_000))), true)
    under.peer.flush()
    await new Promise((resolve) => setImmediate(resolve))
    under.peer.connection.reset(raw.stream, 8)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const next = under.peer.request(callFields("Say"))
    under.peer.data(next, flagged(Buffer.from("a"), 0), true)
    assert.equal((await under.peer.ended(next)).trailers!.get("grpc-status"), "0")
  })
})

describe("compression on the wire, at the client", () => {
  it("says what it accepts, and what it sends", async () => {
    await using under = dialRaw((peer) => {
      peer.onRequest = (raw) => {
        peer.send(raw, [...responseFields, "grpc-encoding", "deflate"])
        peer.data(raw, flagged(deflateSync(Buffer.from("back"))))
        peer.send(raw, okFields, true)
      }
    })
    assert.deepEqual(await under.client.say({ text: short }, { compression: "gzip" }), { text: "back" })
    const [raw] = under.peers[0]!.streams
    assert.equal(raw!.headers!.get("grpc-accept-encoding"), "identity,gzip,deflate")
    assert.equal(raw!.headers!.get("grpc-encoding"), "gzip")
    assert.equal(gunzipSync(raw!.body.subarray(5)).toString(), short)
  })

  it("an interceptor sees of each response whether it came compressed, read in time or after the end", async () => {
    const seen: unknown[] = []
    const watch: Interceptor = (next) => async (call) => {
      const response = await next(call)
      if (call.method.kind === "unary") {
        seen.push(response.compressed)
        return response
      }
      return response.with({
        messages: (async function* () {
          if (call.metadata.get("when") === "late") await response.status
          for await (const message of response.messages) {
            seen.push(response.compressed)
            yield message
          }
        })(),
      })
    }
    const gzipped: Servicer<typeof Parrot> = {
      ...echo,
      say(request, context) {
        context.compression = "gzip"
        return request
      },
      *repeat(_request, context) {
        context.compression = "gzip"
        for (const compress of [true, false, true]) {
          context.compressMessages = compress
          yield { text: short }
        }
      },
    }
    const retryPolicy: RetryPolicyJson = {
      maxAttempts: 2,
      initialBackoff: "0.1s",
      maxBackoff: "1s",
      backoffMultiplier: 2,
      retryableStatusCodes: ["UNAVAILABLE"],
    }
    for (const serviceConfig of [undefined, { methodConfig: [{ name: [{}], retryPolicy }] }]) {
      seen.length = 0
      const options = { client: { interceptors: [watch] }, channel: { serviceConfig } }
      await using pair = await createTestPair(Parrot, gzipped, options)
      await pair.client.say({ text: short })
      for (const when of ["early", "late"]) await textsOf(pair.client.repeat({ text: "" }, { metadata: { when } }))
      assert.deepEqual(seen, [true, true, false, true, true, false, true])
    }
  })

  it("trailers wait for what is being inflated before them", async () => {
    await using under = dialRaw((peer) => {
      peer.onRequest = (raw) => {
        peer.send(raw, [...responseFields, "grpc-encoding", "gzip"])
        peer.data(raw, flagged(gzipSync(Buffer.from(long))))
        peer.data(raw, flagged(Buffer.from("last"), 0))
        peer.send(raw, okFields, true)
      }
    })
    assert.deepEqual(await textsOf(under.client.repeat({ text: "" })), [long, "last"])
  })

  it("30. a response that inflates to more than is accepted is RESOURCE_EXHAUSTED", async () => {
    await using under = dialRaw((peer) => {
      peer.onRequest = (raw) => {
        peer.send(raw, [...responseFields, "grpc-encoding", "gzip"])
        peer.data(raw, flagged(gzipSync(Buffer.alloc(50_000_000))))
        peer.send(raw, okFields, true)
      }
    })
    const error = await failureOf(under.client.say({ text: "" }))
    assert.equal(error.code, "RESOURCE_EXHAUSTED")
    assert.match(error.message, /^message inflates to more than the limit of 4194304 bytes, at in-memory:\d+$/)
  })

  it("a call that is cancelled while its request is compressed sends nothing more", async () => {
    await using under = dialRaw(() => {})
    const controller = new AbortController()
    const failed = failureOf(under.client.say({ text: long }, { compression: "gzip", signal: controller.signal }))
    await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    assert.equal((await failed).code, "CANCELLED")
  })
})

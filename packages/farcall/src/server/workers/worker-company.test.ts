import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createChannel } from "../../client/channel.js"
import { createClient } from "../../client/client.js"
import type { Interceptor } from "../../core/interceptor.js"
import { authority, identity } from "../../test-support/certificates.js"
import { failureOf, textsOf } from "../../test-support/outcome.js"
import { Parrot, type Text, TextCodec } from "../../test-support/parrot.js"
import { parrotModule, WorkerScene } from "../../test-support/worker-scene.js"
import { tls } from "../../transport/tls-credentials.js"
import { createServer } from "../server.js"

// Worker threads, and what else a server has.

/** Shouts: changes requests and responses, and adds to the metadata both ways. */
const shouting: Interceptor = (next) => async (call) => {
  const metadata = call.metadata.set("words", "intercepted")
  const shout = (message: unknown): Text => ({ text: `${(message as Text).text}!` })
  async function* shouted(messages: AsyncIterable<unknown>): AsyncGenerator<Text> {
    for await (const message of messages) yield shout(message)
  }
  const heard = call.with({
    metadata,
    message: async () => shout(await call.message()),
    messages: shouted(call.messages),
  })
  const response = await next(call.method.kind === "unary" ? call.with({ metadata }) : heard)
  response.trailers.set("intercepted", "yes")
  return response.with({ message: async () => shout(await response.message()), messages: shouted(response.messages) })
}

describe("interceptors around worker threads", () => {
  it("see and change messages and metadata", async () => {
    await using scene = await WorkerScene.open({ server: { interceptors: [shouting] } })
    assert.equal(await scene.ask("echo hi"), "hi!")
    const context = JSON.parse((await scene.ask("context")).slice(0, -1)) as { words: string[] }
    assert.deepEqual(context.words, ["intercepted"])
    const trailers: (string | undefined)[] = []
    const onTrailer = (metadata: { get(key: string): string | undefined }): void =>
      void trailers.push(metadata.get("intercepted"))
    assert.deepEqual(await textsOf(scene.client.chat([{ text: "a" }, { text: "b" }], { onTrailer })), ["a!!", "b!!"])
    assert.deepEqual(trailers, ["yes"])
    assert.deepEqual(await scene.client.gather([{ text: "a" }, { text: "b" }]), { text: "2 of 4!" })
  })

  it("may give the handler what cannot be written", async () => {
    const spoiling: Interceptor = (next) => (call) => next(call.with({ message: async () => ({ text: "!" }) }))
    await using scene = await WorkerScene.open({ server: { interceptors: [spoiling] } })
    const error = await failureOf(scene.ask("echo"))
    assert.deepEqual([error.code, error.message], ["INTERNAL", "the request is no test.Text: text: not to be written"])
  })

  it("cost no decoding where they do not look at messages", async (context) => {
    const looks: Record<string, Interceptor> = {
      nothing: (next) => (call) => next(call),
      requests: (next) => async (call) => {
        await call.message()
        return next(call)
      },
      both: (next) => async (call) => {
        await call.message()
        const response = await next(call)
        await response.message()
        return response
      },
    }
    const decode = context.mock.method(TextCodec, "decode")
    const decoded: Record<string, number> = {}
    for (const [what, interceptor] of Object.entries(looks)) {
      await using scene = await WorkerScene.open({ server: { interceptors: [interceptor] } })
      decode.mock.resetCalls()
      assert.equal(await scene.ask("echo hi"), "hi")
      decoded[what] = decode.mock.callCount()
    }
    // One each by the client.
    assert.deepEqual(decoded, { nothing: 1, requests: 2, both: 3 })
  })

  it("may look at messages afterwards", async () => {
    const seen: unknown[] = []
    const late: Interceptor = (next) => async (call) => {
      const response = await next(call)
      seen.push(await call.message(), await response.message())
      return response
    }
    await using scene = await WorkerScene.open({ server: { interceptors: [late] } })
    const text = "x".repeat(100_000)
    assert.equal(await scene.ask(`echo ${text}`), text)
    assert.deepEqual(seen, [{ text: `echo ${text}` }, { text }])
  })

  it("may change what they look at in place", async () => {
    const editing: Interceptor = (next) => async (call) => {
      ;((await call.message()) as Text).text += "!"
      const response = await next(call)
      ;((await response.message()) as Text).text += "?"
      return response
    }
    await using scene = await WorkerScene.open({ server: { interceptors: [editing] } })
    assert.equal(await scene.ask("echo hi"), "hi!?")
  })

  it("end a call whose request they cannot read", async () => {
    const looking: Interceptor = (next) => async (call) => {
      await call.message()
      return next(call)
    }
    await using scene = await WorkerScene.open({ server: { interceptors: [looking] } })
    const error = await failureOf(scene.ask("?"))
    assert.deepEqual([error.code, error.message], ["INTERNAL", "the request is no test.Text: text: not to be read"])
  })

  it("see the method as it was added", async () => {
    const seen: unknown[] = []
    const noting: Interceptor = (next) => (call) => {
      seen.push(call.method)
      return next(call)
    }
    await using scene = await WorkerScene.open({ server: { interceptors: [noting] } })
    await scene.ask("echo")
    assert.equal(seen[0], Parrot.methods.say)
  })

  it("may answer in the handler's place", async () => {
    const refusing: Interceptor = () => async (call) => {
      throw new TypeError(`not ${call.method.name}`)
    }
    await using scene = await WorkerScene.open({ server: { interceptors: [refusing] } })
    assert.equal((await failureOf(scene.ask("exit"))).code, "UNKNOWN")
  })
})

describe("compression around worker threads", () => {
  it("is the handler's choice", async () => {
    await using scene = await WorkerScene.open()
    const { text } = await scene.client.say({ text: "context" }, { compression: "gzip" })
    assert.equal((JSON.parse(text) as { compressed: boolean }).compressed, true)
    assert.equal(await scene.ask("compress deflate"), "x".repeat(10_000))
    const unknown = await failureOf(scene.ask("compress snappy"))
    assert.equal(unknown.code, "UNKNOWN")
    assert.match(scene.errors[0]!.message, /"snappy" is not known; there are identity,gzip,deflate/)
  })

  it("is the server's where the handler does not say", async () => {
    await using scene = await WorkerScene.open({ server: { compression: "gzip" } })
    const context = JSON.parse(await scene.ask("context")) as { compression: string; compressed: boolean }
    assert.deepEqual([context.compression, context.compressed], ["gzip", false])
    assert.equal(await scene.ask("compress identity"), "x".repeat(10_000))
  })
})

describe("TLS and worker threads", () => {
  it("a handler sees the client's certificate", async () => {
    const server = createServer()
    server.add(Parrot, parrotModule, { workers: 1 })
    const mutual = tls({ ...identity("server"), ca: authority, clientCertificates: "require" })
    const { port } = await server.listen("127.0.0.1:0", { credentials: mutual })
    const channel = createChannel(`127.0.0.1:${port}`, { credentials: tls({ ...identity("client"), ca: authority }) })
    try {
      const client = createClient(Parrot, channel)
      const { text } = await client.say({ text: "context" })
      const { protocol, certificate } = JSON.parse(text) as Record<string, string>
      assert.deepEqual([protocol, certificate], ["TLSv1.3", "O=Farcall tests,CN=client"])
    } finally {
      await channel.close()
      await server.shutdown({ graceMs: 0 })
    }
  })
})

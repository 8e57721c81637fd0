import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { NotingTracer, traced } from "../test-support/noting-tracer.js"
import { textsOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { retryPair, retryPolicy, Watched } from "../test-support/retry-pair.js"
import { createTestPair } from "../testing/test-pair.js"
import type { CallTracer, MessageTotals, ServerCallTrace } from "./call-tracer.js"
import { Metadata } from "./metadata.js"
import { StatusError } from "./status-error.js"
import { globalTracers } from "./tracers.js"

describe("a tracer", () => {
  it("is told of every step of a unary call, on both sides", async () => {
    await using pair = await traced({
      say: (request, context) => {
        context.responseHeaders.set("kept", "yes")
        return request
      },
    })
    await pair.client.say({ text: "abc" }, { timeoutMs: 60_000 })
    const { target } = pair.channel
    assert.deepEqual(pair.tracer.client, [
      `unary /test.Parrot/Say to ${target}`,
      "attempt 1",
      "1: stream 1",
      "1: sent 0: 3",
      "1: headers kept",
      "1: received 0: 3",
      "1: OK by the server",
      "OK by the server",
    ])
    assert.match(pair.tracer.server.shift()!, /^\/test.Parrot\/Say is unary, (60000|59\d\d\d(\.\d+)?) ms$/)
    assert.deepEqual(pair.tracer.server, [
      "received 0: 3",
      "run {",
      "handler",
      "headers kept",
      "sent 0: 3",
      "OK by the server",
      "}",
    ])
  })

  it("is told of each message of a stream, in the order of each direction", async () => {
    await using pair = await traced({
      gather: async (requests) => ({ text: (await textsOf(requests)).join("") }),
      *repeat({ text }) {
        yield { text }
        yield { text: text + text }
      },
      chat: (requests) => requests,
    })
    const { client, tracer } = pair
    await client.gather([{ text: "a" }, { text: "bc" }])
    const messages = (notes: string[]): string[] =>
      notes.splice(0).filter((line) => line.includes("sent ") || line.includes("received "))
    assert.deepEqual(messages(tracer.client), ["1: sent 0: 1", "1: sent 1: 2", "1: received 0: 3"])
    assert.deepEqual(messages(tracer.server), ["received 0: 1", "received 1: 2", "sent 0: 3"])
    await textsOf(client.repeat({ text: "a" }))
    assert.deepEqual(messages(tracer.client), ["1: sent 0: 1", "1: received 0: 1", "1: received 1: 2"])
    await textsOf(client.chat([{ text: "a" }, { text: "bb" }]))
    assert.deepEqual(messages(tracer.client).toSorted(), [
      "1: received 0: 1",
      "1: received 1: 2",
      "1: sent 0: 1",
      "1: sent 1: 2",
    ])
  })

  it("finds what has gone over the wire in what it was asked with, beside others that hear of more or less", async () => {
    const ends: string[] = []
    const at = (side: string, { sentMessages, sentBytes, receivedMessages, receivedBytes }: MessageTotals): void =>
      void ends.push(`${side} ${sentMessages}: ${sentBytes}, ${receivedMessages}: ${receivedBytes}`)
    const sums: CallTracer = {
      clientCall: () => ({ attempt: (attempt) => ({ onEnd: () => at("client", attempt) }) }),
      serverCall: (call) => ({ onEnd: () => at("server", call) }),
    }
    const noting = new NotingTracer()
    const tracers = [sums, noting, sums]
    await using pair = await createTestPair(
      Parrot,
      { gather: async (requests) => ({ text: (await textsOf(requests)).join("") }) },
      { server: { tracers }, channel: { tracers } },
    )
    await pair.client.gather([{ text: "a" }, { text: "bc" }])
    const [server, client] = ["server 1: 3, 2: 3", "client 2: 3, 1: 3"]
    assert.deepEqual(ends, [server, server, client, client])
    const heard = (notes: readonly string[]) =>
      notes.filter((line) => /sent|received|handler|headers|stream \d/.test(line))
    assert.deepEqual(heard(noting.server), ["handler", "received 0: 1", "received 1: 2", "headers", "sent 0: 3"])
    assert.deepEqual(heard(noting.client), [
      "1: stream 1",
      "1: sent 0: 1",
      "1: sent 1: 2",
      "1: headers",
      "1: received 0: 3",
    ])
  })

  it("is told sizes before compression and on the wire", async () => {
    await using pair = await traced(
      { say: (request) => request, chat: (requests) => requests },
      { server: { compression: "gzip" } },
    )
    const text = "x".repeat(5000)
    await pair.client.say({ text }, { compression: "gzip" })
    await textsOf(pair.client.chat([{ text: "" }], { compression: "gzip" }))
    const messages = (notes: string[]): string[] => notes.filter((line) => /(sent|received) \d/.test(line))
    assert.deepEqual(messages(pair.tracer.server), [
      "received 0: 5000 as fewer",
      "sent 0: 5000 as fewer",
      "received 0: 0",
      "sent 0: 0",
    ])
    assert.deepEqual(messages(pair.tracer.client).slice(0, 2), [
      "1: sent 0: 5000 as fewer",
      "1: received 0: 5000 as fewer",
    ])
  })

  it("runs interceptors and handler within what it sets up", async () => {
    const order: string[] = []
    const setting: CallTracer = {
      serverCall: () => ({
        run(call) {
          order.push("in")
          call()
          call()
          order.push("out")
        },
        onHandler: () => void order.push("handler"),
      }),
    }
    const forgetting: CallTracer = { serverCall: () => ({ run() {} }) }
    await using pair = await createTestPair(
      Parrot,
      {
        say: (request) => {
          order.push("say")
          return request
        },
      },
      {
        server: {
          tracers: [setting, forgetting],
          interceptors: [
            (next) => (call) => {
              order.push("interceptor")
              return next(call)
            },
          ],
        },
      },
    )
    await pair.client.say({ text: "" })
    assert.deepEqual(order, ["in", "interceptor", "out", "handler", "say"])
  })

  it("changes what calls and attempts send along, and never its user's own metadata", async () => {
    const seen: string[][] = []
    const adding: CallTracer = {
      clientCall: (call) => {
        call.metadata.append("traced", `${call.metadata.get("own")} call`)
        return {
          attempt: (attempt) => {
            attempt.metadata.append("traced", `attempt ${attempt.number}`)
            return undefined
          },
        }
      },
    }
    await using pair = retryPair(
      {
        say: (request, { metadata }) => {
          seen.push(metadata.getAll("traced"))
          if (seen.length < 3) throw new StatusError("UNAVAILABLE", "not yet")
          return request
        },
      },
      { method: { retryPolicy }, channel: { tracers: [adding] } },
    )
    const metadata = new Metadata({ own: "mine" })
    const call = new Watched(pair.client.say({ text: "" }, { metadata }))
    await pair.clock.advance(10_000)
    await call.done
    assert.deepEqual(seen, [
      ["mine call", "attempt 1"],
      ["mine call", "attempt 2"],
      ["mine call", "attempt 3"],
    ])
    assert.deepEqual([...metadata], [["own", "mine"]])
  })

  it("finds its own trace of the call that another is made for", async () => {
    const trace: ServerCallTrace = {}
    const parents: unknown[] = []
    const tracer: CallTracer = {
      serverCall: ({ path }) => (path.endsWith("Say") ? trace : undefined),
      clientCall: ({ method, parentTrace }) => void parents.push(method.name, parentTrace),
    }
    await using pair = await createTestPair(
      Parrot,
      {
        say: (request, context): Promise<{ text: string }> => pair.client.gather([request], { parent: context }),
        gather: async (requests) => ({ text: (await textsOf(requests)).join("") }),
      },
      { server: { tracers: [{ serverCall: () => ({}) }, tracer] }, channel: { tracers: [tracer] } },
    )
    await pair.client.say({ text: "" })
    assert.deepEqual(parents, ["Say", undefined, "Gather", trace])
  })

  it("that throws, wherever it does, harms no call, and is told so", async () => {
    const faults: string[] = []
    const thrower = (what: string) => (): never => {
      throw new Error(what)
    }
    const messages = { onMessageSent: thrower("sent"), onMessageReceived: thrower("received") }
    const throwing: CallTracer = {
      clientCall: () => ({
        attempt: () => ({
          onStream: thrower("stream"),
          onHeaders: thrower("headers"),
          ...messages,
          onEnd: thrower("attempt's end"),
        }),
        onEnd: thrower("end"),
      }),
      serverCall: () => ({
        run: thrower("run"),
        onHandler: thrower("handler"),
        onHeadersSent: thrower("headers sent"),
        ...messages,
        onEnd: thrower("server's end"),
      }),
      onError: (error) => void faults.push((error as Error).message),
    }
    const behind = new NotingTracer()
    const tracers = [throwing, { clientCall: thrower("client"), serverCall: thrower("server"), onError() {} }, behind]
    await using pair = await createTestPair(Parrot, { say: (r) => r }, { server: { tracers }, channel: { tracers } })
    assert.deepEqual(await pair.client.say({ text: "a" }), { text: "a" })
    assert.deepEqual(
      new Set(faults),
      new Set([
        "attempt's end",
        "end",
        "handler",
        "headers",
        "headers sent",
        "received",
        "run",
        "sent",
        "server's end",
        "stream",
      ]),
    )
    assert.equal(behind.client.at(-1), "OK by the server")
    assert.equal(behind.server.at(-2), "OK by the server")
  })

  it("that is no list of objects is refused", async () => {
    const wrong = new NotingTracer() as never
    await assert.rejects(
      createTestPair(Parrot, {}, { channel: { tracers: wrong } }),
      /createChannel: tracers must be an/,
    )
    await assert.rejects(
      createTestPair(Parrot, {}, { server: { tracers: [null as never] } }),
      /createServer: tracers must be/,
    )
  })
})

describe("tracers of the whole process", () => {
  it("see all channels and servers, while they are installed and enabled", async () => {
    const tracer = Object.assign(new NotingTracer(), { enabled: true })
    await using pair = await createTestPair(Parrot, { say: (request) => request })
    const remove = globalTracers.add(tracer)
    try {
      await pair.client.say({ text: "" })
      tracer.enabled = false
      await pair.client.say({ text: "" })
      tracer.enabled = true
      remove()
      remove()
      await pair.client.say({ text: "" })
    } finally {
      remove()
    }
    assert.equal(globalTracers.forClients, undefined)
    assert.equal(tracer.client.filter((line) => line.startsWith("unary")).length, 1)
    assert.equal(tracer.server.filter((line) => line.includes(" is unary")).length, 1)
  })
})

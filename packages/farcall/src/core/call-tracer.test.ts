import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ErrorCode } from "@farcall/http2"
import type { Servicer } from "../server/servicer.js"
import { NotingTracer } from "../test-support/noting-tracer.js"
import { failureOf, Gate, textsOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { dialRaw, okFields, responseFields } from "../test-support/raw-ends.js"
import { framed } from "../test-support/raw-peer.js"
import { hedgingPolicy, retryPair, retryPolicy, Watched } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"
import { createTestPair, type TestPairOptions } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import type { CallTracer, ServerCallTrace } from "./call-tracer.js"
import { Metadata } from "./metadata.js"
import { StatusError } from "./status-error.js"
import { globalTracers } from "./tracers.js"

async function traced(servicer: Partial<Servicer<typeof Parrot>>, options: TestPairOptions = {}) {
  const tracer = new NotingTracer()
  const pair = await createTestPair(Parrot, servicer, {
    ...options,
    server: { onHandlerError: () => {}, tracers: [tracer], ...options.server },
    channel: { tracers: [tracer], ...options.channel },
  })
  return Object.assign(pair, { tracer })
}

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

describe("attempts", () => {
  it("by a retry policy are told apart, with what was waited for them", async () => {
    const tracer = new NotingTracer()
    let calls = 0
    await using pair = retryPair(
      {
        say: (request) => {
          if (++calls < 3) throw new StatusError("UNAVAILABLE", "not yet")
          return request
        },
      },
      { method: { retryPolicy }, channel: { tracers: [tracer] } },
    )
    const call = new Watched(pair.client.say({ text: "a" }))
    await pair.clock.advance(10_000)
    await call.done
    assert.deepEqual(tracer.client, [
      "unary /test.Parrot/Say to pair",
      "attempt 1",
      "1: stream 1",
      "1: sent 0: 1",
      "1: UNAVAILABLE by the server",
      "attempt 2 after 1000 ms",
      "2: stream 3",
      "2: sent 0: 1",
      "2: UNAVAILABLE by the server",
      "attempt 3 after 2000 ms",
      "3: stream 5",
      "3: sent 0: 1",
      "3: headers",
      "3: received 0: 1",
      "3: OK by the server",
      "OK by the server",
    ])
  })

  it("by a hedging policy run beside each other, and end when one has the answer", async () => {
    const tracer = new NotingTracer()
    const gates = [new Gate(), new Gate(), new Gate()]
    let calls = 0
    await using pair = retryPair(
      {
        async say(request) {
          await gates[calls++]!.opened
          return request
        },
      },
      { method: { hedgingPolicy }, channel: { tracers: [tracer] } },
    )
    const call = new Watched(pair.client.say({ text: "a" }))
    await pair.clock.advance(1500)
    gates[1]!.open()
    await call.done
    assert.deepEqual(
      tracer.client.filter((line) => line.startsWith("attempt") || / by /.test(line)),
      [
        "attempt 1",
        "attempt 2 beside after 1000 ms",
        "1: CANCELLED by the client",
        "2: OK by the server",
        "OK by the server",
      ],
    )
  })

  it("that no server saw are made anew transparently", async () => {
    const tracer = new NotingTracer()
    let calls = 0
    await using under = dialRaw(
      (peer) => {
        peer.onRequest = (raw) => {
          if (++calls === 1) {
            peer.connection.reset(raw.stream, ErrorCode.REFUSED_STREAM)
            return
          }
          peer.send(raw, responseFields)
          peer.data(raw, framed("a"))
          peer.send(raw, okFields, true)
        }
      },
      { tracers: [tracer] },
    )
    await under.client.say({ text: "a" })
    assert.deepEqual(tracer.client.filter((line) => !/sent|headers|received/.test(line)).slice(1), [
      "attempt 1",
      "1: stream 1",
      "1: UNAVAILABLE by the server",
      "attempt 1 anew",
      "1: stream 3",
      "1: OK by the server",
      "OK by the server",
    ])
  })
})

describe("a call's one end", () => {
  it("is the handler's status, with what it threw as the cause", async () => {
    const fault = new Error("a slip")
    await using pair = await traced({
      say: ({ text }, context) => {
        if (text === "throw") throw fault
        context.responseTrailers.set("kept", "yes")
        return context.abort("NOT_FOUND", "no such thing")
      },
    })
    await failureOf(pair.client.say({ text: "" }))
    await failureOf(pair.client.say({ text: "throw" }))
    const [server, attempt, call, thrown] = pair.tracer.ends
    assert.deepEqual([server!.status.message, server!.trailers.get("kept")], ["no such thing", "yes"])
    assert.deepEqual(
      [attempt!.status.code, call!.status.code, call!.trailers.get("kept")],
      ["NOT_FOUND", "NOT_FOUND", "yes"],
    )
    assert.deepEqual([thrown!.status.code, thrown!.error?.cause], ["UNKNOWN", fault])
  })

  it("of a call that passes its deadline, or is cancelled, is told on both sides", async () => {
    const abortion = new AbortController()
    const clock = virtualClock()
    await using pair = await traced({ say: () => new Promise(() => {}) }, { clock })
    const late = failureOf(pair.client.say({ text: "" }, { timeoutMs: 20 }))
    const handlers = (): number => pair.tracer.server.filter((line) => line === "handler").length
    await until(() => handlers() === 1)
    await clock.advance(20)
    await late
    const running = failureOf(pair.client.say({ text: "" }, { signal: abortion.signal }))
    await until(() => handlers() === 2)
    abortion.abort()
    await running
    await until(() => pair.tracer.ends.length === 6)
    assert.deepEqual(
      pair.tracer.client.filter((line) => / by /.test(line)),
      [
        "1: DEADLINE_EXCEEDED by the client",
        "DEADLINE_EXCEEDED by the client",
        "1: CANCELLED by the client",
        "CANCELLED by the client",
      ],
    )
    const [first, second] = pair.tracer.server.filter((line) => / by /.test(line))
    assert.match(first!, /^(DEADLINE_EXCEEDED by the server|CANCELLED by the client)$/)
    assert.equal(second, "CANCELLED by the client")
  })

  it("is told of calls that come to no handler", async () => {
    await using pair = await traced(
      { say: () => new Promise(() => {}) },
      { server: { maxRunningCalls: 1, maxQueuedCalls: 1 } as never },
    )
    const { client, tracer } = pair
    assert.equal((await failureOf(client.gather([]))).code, "UNIMPLEMENTED")
    assert.deepEqual(tracer.server.splice(0), ["/test.Parrot/Gather is clientStreaming", "UNIMPLEMENTED by the server"])
    const running = failureOf(client.say({ text: "" }))
    await until(() => tracer.server.includes("handler"))
    const waiting = failureOf(client.say({ text: "" }, { timeoutMs: 30 }))
    await until(() => tracer.server.filter((line) => line.includes(" is unary")).length === 2)
    assert.equal((await failureOf(client.say({ text: "" }))).code, "RESOURCE_EXHAUSTED")
    await waiting
    await until(() => tracer.server.filter((line) => / by /.test(line)).length === 2)
    assert.equal(
      tracer.server.find((line) => / by /.test(line)),
      "RESOURCE_EXHAUSTED by the server",
    )
    await pair.close()
    await running
    await until(() => tracer.server.filter((line) => / by /.test(line)).length === 3)
    assert.match(tracer.server.at(-1)!, /^CANCELLED by the (client|connection)$/)
  })

  it("says when there was no connection, or it was lost", async () => {
    const tracer = new NotingTracer()
    let handled = 0
    await using pair = retryPair(
      {
        say: () => {
          handled++
          return new Promise(() => {})
        },
      },
      { connectError: (attempt) => (attempt === 1 ? new Error("refused") : undefined), channel: { tracers: [tracer] } },
    )
    await failureOf(pair.client.say({ text: "" }))
    assert.deepEqual(tracer.client.splice(0).slice(1), [
      "attempt 1",
      "1: UNAVAILABLE by the connection",
      "UNAVAILABLE by the connection",
    ])
    const lost = new Watched(pair.client.say({ text: "" }, { waitForReady: true }))
    await pair.clock.advance(5000)
    await until(() => handled === 1)
    pair.cut()
    await settled()
    await lost.done
    assert.equal(tracer.client.at(-1), "UNAVAILABLE by the connection")
  })

  it("follows a call whose deadline had passed without an attempt", async () => {
    await using pair = await traced({})
    await failureOf(pair.client.say({ text: "" }, { timeoutMs: 0 }))
    assert.deepEqual(pair.tracer.client.slice(1), ["DEADLINE_EXCEEDED by the client"])
    await assert.rejects(pair.client.say({ text: "" }, { timeoutMs: Number.NaN }), TypeError)
    assert.equal(pair.tracer.client.length, 2)
  })
})

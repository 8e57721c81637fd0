import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { NotingTracer, traced } from "../test-support/noting-tracer.js"
import { failureOf, until } from "../test-support/outcome.js"
import { retryPair, Watched } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"
import { virtualClock } from "../testing/virtual-clock.js"

describe("a traced call's one end", () => {
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

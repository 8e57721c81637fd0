import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { ErrorCode } from "@farcall/http2"
import { NotingTracer } from "../test-support/noting-tracer.js"
import { Gate } from "../test-support/outcome.js"
import { dialRaw, okFields, responseFields } from "../test-support/raw-ends.js"
import { framed } from "../test-support/raw-peer.js"
import { hedgingPolicy, retryPair, retryPolicy, Watched } from "../test-support/retry-pair.js"
import type { AttemptStart, AttemptTrace, CallTracer, ClientCallStart, ClientCallTrace } from "./call-tracer.js"
import { StatusError } from "./status-error.js"

describe("attempts that are traced", () => {
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

  it("are told with their call, so that one trace can serve all calls, and a call adds them up", async () => {
    const calls: ClientCallStart[] = []
    const attempts: AttemptStart[] = []
    const ended: unknown[] = []
    const ofAttempts: AttemptTrace = {
      onEnd: ({ at, status }, attempt) => ended.push([attempts.indexOf(attempt), status.code, at - attempt.startedAt]),
    }
    const trace: ClientCallTrace = {
      attempt(attempt, call) {
        assert.equal(call, calls.at(-1))
        attempts.push(attempt)
        return ofAttempts
      },
      onEnd(end, call) {
        assert.deepEqual(call.attempts, attempts)
        const { sentMessages, sentBytes, receivedMessages, receivedBytes } = call
        ended.push([sentMessages, sentBytes, receivedMessages, receivedBytes, end.at - call.startedAt])
      },
    }
    const tracer: CallTracer = {
      clientCall(call) {
        calls.push(call)
        return trace
      },
    }
    let asked = 0
    await using pair = retryPair(
      {
        say(request) {
          if (++asked < 3) throw new StatusError("UNAVAILABLE", "not yet")
          return request
        },
      },
      { method: { retryPolicy }, channel: { tracers: [tracer] } },
    )
    const call = new Watched(pair.client.say({ text: "abc" }))
    await pair.clock.advance(10_000)
    await call.done
    assert.deepEqual(ended, [
      [0, "UNAVAILABLE", 0],
      [1, "UNAVAILABLE", 0],
      [2, "OK", 0],
      [3, 9, 1, 3, 3000],
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

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { failureOf } from "../../test-support/outcome.js"
import { Parrot } from "../../test-support/parrot.js"
import { createTestPair, type TestPair, type TestPairOptions, type TestTransport } from "../test-pair.js"
import { type VirtualClock, virtualClock } from "../virtual-clock.js"
import type { FaultRule } from "./fault-rule.js"

const transports: readonly TestTransport[] = ["memory", "tcp", "tls", "unix"]

/** How a call is to end under a rule; where it is its deadline, it has one. */
const endings: readonly (readonly [rule: FaultRule, code: string])[] = [
  [{ fault: "refuse" }, "UNAVAILABLE"],
  [{ fault: "latency", ms: 100 }, "OK"],
  [{ fault: "latency", ms: 100, jitterMs: 100, seed: 3 }, "OK"],
  [{ fault: "latency", ms: 60_000, method: "say" }, "DEADLINE_EXCEEDED"],
  [{ fault: "bandwidth", bytesPerSecond: 2_000 }, "OK"],
  [{ fault: "bandwidth", bytesPerSecond: 1, method: "say", direction: "responses" }, "DEADLINE_EXCEEDED"],
  [{ fault: "cut" }, "UNAVAILABLE"],
  [{ fault: "cut", at: "trailers" }, "UNAVAILABLE"],
  [{ fault: "cut", after: { responses: 10 } }, "UNAVAILABLE"],
  [{ fault: "cut", method: "say", after: { responses: 10 } }, "UNAVAILABLE"],
  [{ fault: "close" }, "UNAVAILABLE"],
  [{ fault: "close", towards: "client", at: "response message" }, "UNAVAILABLE"],
  [{ fault: "close", towards: "server" }, "UNAVAILABLE"],
  [{ fault: "stall" }, "DEADLINE_EXCEEDED"],
  [{ fault: "stall", nth: 1, ms: 100 }, "OK"],
  [{ fault: "block", nth: 1, direction: "requests" }, "DEADLINE_EXCEEDED"],
  [{ fault: "block", nth: 1, direction: "responses", ms: 100 }, "OK"],
  [{ fault: "split" }, "OK"],
  [{ fault: "split", bytes: 7, direction: "responses" }, "OK"],
  [{ fault: "join" }, "OK"],
  [{ fault: "join", ms: 100, at: "request message" }, "OK"],
  [{ fault: "reset", code: "INTERNAL_ERROR" }, "INTERNAL"],
  [{ fault: "reset", code: "ENHANCE_YOUR_CALM", at: "response message" }, "RESOURCE_EXHAUSTED"],
  [{ fault: "reset", code: "REFUSED_STREAM", times: 1 }, "OK"],
  [{ fault: "goAway" }, "OK"],
  [{ fault: "goAway", seen: false, times: 1 }, "OK"],
  [{ fault: "goAway", at: "response headers", close: true }, "UNAVAILABLE"],
  [{ fault: "endStream", at: "response headers" }, "INTERNAL"],
  [{ fault: "trailers", at: "response message" }, "INTERNAL"],
]

/** Lets time pass until a call has ended; over sockets, bytes take real time as well. */
async function codeOf(call: Promise<unknown>, clock: VirtualClock, transport: TestTransport): Promise<string> {
  let code: string | undefined
  call.then(
    () => {
      code = "OK"
    },
    (error: { code: string }) => {
      code = error.code
    },
  )
  for (let steps = 0; code === undefined && steps < 5_000; steps++) {
    if (transport !== "memory") await new Promise((resolve) => setTimeout(resolve, 1))
    await clock.advance(50)
  }
  return code ?? "never ended"
}

function parrotPair(options: TestPairOptions): Promise<TestPair<typeof Parrot>> {
  return createTestPair(Parrot, { say: ({ text }) => ({ text: text.repeat(2) }) }, options)
}

for (const transport of transports) {
  describe(`a pair over ${transport}, under a rule`, () => {
    for (const [rule, code] of endings) {
      it(`${JSON.stringify(rule)}: ${code}`, async () => {
        const clock = virtualClock()
        await using pair = await parrotPair({ transport, clock, faults: [rule] })
        const call = pair.client.say({ text: "a text" }, code === "DEADLINE_EXCEEDED" ? { timeoutMs: 1_000 } : {})
        assert.equal(await codeOf(call, clock, transport), code)
        pair.faults.mustHaveMatched()
        // A rule that is gone is gone: a connection of its own knows nothing of it.
        pair.faults.clear()
        const next = pair.connect().clientOf(Parrot).say({ text: "b" })
        assert.equal(await codeOf(next, clock, transport), "OK")
      })
    }
  })
}

describe("rules on a pair", () => {
  it("come and go while it runs", async () => {
    await using pair = await parrotPair({ transport: "memory", faults: [] })
    await pair.client.say({ text: "a" })
    const rule = pair.faults.add({ fault: "reset", code: "INTERNAL_ERROR", method: Parrot.methods.say })
    assert.equal((await failureOf(pair.client.say({ text: "b" }))).code, "INTERNAL")
    assert.equal((await failureOf(pair.client.say({ text: "c" }))).code, "INTERNAL")
    assert.equal(rule.matched, 2)
    rule.remove()
    assert.deepEqual(await pair.client.say({ text: "d" }), { text: "dd" })
    assert.deepEqual([rule.matched, pair.faults.rules.length], [2, 0])
  })

  it("act together", async () => {
    const clock = virtualClock()
    const faults: FaultRule[] = [
      { fault: "latency", ms: 40 },
      { fault: "split", bytes: 3 },
      { fault: "bandwidth", bytesPerSecond: 50_000, direction: "responses" },
      { fault: "reset", code: "INTERNAL_ERROR", nth: 2 },
      { fault: "cut", nth: 3, at: "response message" },
    ]
    await using pair = await parrotPair({ transport: "memory", clock, faults })
    const codes: string[] = []
    for (let i = 0; i < 3; i++) codes.push(await codeOf(pair.client.say({ text: "a text" }), clock, "memory"))
    assert.deepEqual(codes, ["OK", "INTERNAL", "UNAVAILABLE"])
    pair.faults.mustHaveMatched()
  })

  it("strike by chance, the same calls for the same seed", async () => {
    const run = async (): Promise<string> => {
      const faults: FaultRule[] = [{ fault: "reset", code: "CANCEL", probability: 0.3, seed: 11 }]
      await using pair = await parrotPair({ transport: "memory", faults })
      let outcome = ""
      for (let i = 0; i < 40; i++) {
        outcome += await pair.client.say({ text: "x" }).then(
          () => ".",
          () => "X",
        )
      }
      return outcome
    }
    const outcome = await run()
    assert.match(outcome, /^(?=.*X)(?=.*\.)/)
    assert.equal(await run(), outcome)
  })

  it("leave the neighbours of a call alone", async () => {
    await using pair = await parrotPair({ transport: "memory", faults: [{ fault: "reset", code: "CANCEL", nth: 2 }] })
    const calls = ["a", "b", "c"].map((text) => pair.client.say({ text }))
    const ends = await Promise.allSettled(calls)
    assert.deepEqual(
      ends.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    )
  })

  it("strike now, a call that runs", async () => {
    await using pair = await createTestPair(
      Parrot,
      {
        async *chat(requests) {
          yield* requests
        },
      },
      { transport: "memory", faults: [] },
    )
    const chat = pair.client.chat()
    await chat.write({ text: "a" })
    const replies = chat[Symbol.asyncIterator]()
    assert.deepEqual((await replies.next()).value, { text: "a" })
    const cut = pair.faults.strike({ fault: "cut" })
    assert.equal((await failureOf(replies.next())).code, "UNAVAILABLE")
    assert.equal(cut.matched, 1)
  })

  it("say after the end which of them never acted", async () => {
    const faults: FaultRule[] = [{ fault: "cut", method: "chat" }]
    const pair = await parrotPair({ transport: "memory", faults })
    await pair.client.say({ text: "a" })
    await pair.close()
    assert.throws(() => pair.faults.mustHaveMatched(), /^Error: 1 of 1 fault rules never matched: \{"fault":"cut",/)
  })

  it("are taken by a pair that was made with some, or with none of them", async () => {
    await using pair = await parrotPair({ transport: "memory" })
    assert.throws(() => pair.faults.add({ fault: "cut" }), /^TypeError: a pair takes fault rules when it is made/)
    await assert.rejects(
      parrotPair({ transport: "memory", faults: [{ fault: "cut", method: "Whisper" }] }),
      /^TypeError: the fault rule \{"fault":"cut","method":"Whisper"\} can match nothing: there is no method Whisper/,
    )
  })

  it("leave nothing behind, whatever is in the way when the pair closes", async () => {
    for (const fault of ["stall", "block"] as const) {
      const clock = virtualClock()
      const pair = await parrotPair({ transport: "memory", clock, faults: [{ fault, nth: 1 }] })
      const call = failureOf(pair.client.say({ text: "a" }))
      await clock.settle()
      await pair.close()
      assert.equal((await call).code, "UNAVAILABLE")
      assert.deepEqual([clock.now(), clock.pending, clock.holds], [0, 0, 0])
    }
  })
})

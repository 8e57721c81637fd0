import assert from "node:assert/strict"
import { it } from "node:test"
import fc from "fast-check"
import { Parrot, type Text } from "../../test-support/parrot.js"
import { createTestPair, type TestPair } from "../test-pair.js"
import { virtualClock } from "../virtual-clock.js"
import { callPhases, type FaultRule } from "./fault-rule.js"

const phase = fc.constantFrom(...callPhases)
const bytes = fc.integer({ min: 0, max: 2_000 })
const after = fc.oneof(
  bytes.map((requests) => ({ requests })),
  bytes.map((responses) => ({ responses })),
)
const direction = fc.constantFrom("requests", "responses", undefined)
const ms = fc.integer({ min: 0, max: 300 })
const ofCalls = fc.record({
  nth: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  probability: fc.option(fc.constantFrom(0.3, 0.7, 1), { nil: undefined }),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
})
const moment = fc.oneof(
  phase.map((at) => ({ at })),
  after.map((place) => ({ after: place })),
  fc.constant({}),
)
const strike = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      { fault: "cut" },
      { fault: "close" },
      { fault: "close", towards: "client" },
      { fault: "close", towards: "server" },
      { fault: "reset", code: "INTERNAL_ERROR" },
      { fault: "reset", code: "REFUSED_STREAM" },
      { fault: "goAway" },
      { fault: "goAway", seen: false },
      { fault: "goAway", close: true },
      { fault: "endStream" },
      { fault: "trailers" },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      fault: fc.constantFrom("stall", "block"),
      ms: fc.option(ms, { nil: undefined }),
      direction,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ fault: fc.constant("split"), bytes: fc.integer({ min: 1, max: 50 }), direction }),
  },
  { weight: 1, arbitrary: fc.record({ fault: fc.constant("join"), ms, direction }) },
)
const late = fc.record({ fault: fc.constant("latency"), ms, jitterMs: ms, direction })
const narrow = fc.record({ fault: fc.constant("bandwidth"), bytesPerSecond: bytes.map((n) => n + 1), direction })
const rule = fc.oneof(
  { arbitrary: fc.tuple(ofCalls, moment, strike).map(merged), weight: 6 },
  { arbitrary: fc.tuple(ofCalls, late).map(merged), weight: 2 },
  { arbitrary: fc.tuple(ofCalls, narrow).map(merged), weight: 1 },
  { arbitrary: ofCalls.map((which) => ({ ...which, fault: "refuse" })), weight: 1 },
) as fc.Arbitrary<FaultRule>

function merged(parts: readonly object[]): object {
  return Object.assign({}, ...parts)
}

const kinds = ["say", "gather", "repeat", "chat"] as const

async function* twice({ text }: Text): AsyncGenerator<Text> {
  yield { text }
  yield { text }
}

/** Makes a call of some kind with a text; returns the texts that came, or throws. */
async function callOf(pair: TestPair<typeof Parrot>, kind: (typeof kinds)[number], text: string): Promise<string[]> {
  const { client } = pair
  const options = { timeoutMs: 20_000 }
  const requests = [{ text }, { text }]
  if (kind === "say") return [(await client.say({ text }, options)).text]
  if (kind === "gather") return [(await client.gather(requests, options)).text]
  const call = kind === "repeat" ? client.repeat({ text }, options) : client.chat(requests, options)
  const texts: string[] = []
  for await (const message of call) texts.push(message.text)
  return texts
}

it("under any rules every call ends, what comes is what was sent, and nothing is left", async () => {
  const calls = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.integer({ min: 0, max: 3_000 })), {
    minLength: 1,
    maxLength: 5,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(rule, { maxLength: 4 }), calls, async (faults, made) => {
      const clock = virtualClock()
      const servicer = {
        say: (request: Text) => request,
        async gather(requests: AsyncIterable<Text>) {
          let text = ""
          for await (const request of requests) text += request.text
          return { text }
        },
        repeat: twice,
        async *chat(requests: AsyncIterable<Text>) {
          yield* requests
        },
      }
      const pair = await createTestPair(Parrot, servicer, { transport: "memory", clock, faults })
      let left = made.length
      const ends = made.map(async ([kind, length]) => {
        const text = "x".repeat(length)
        try {
          const texts = await callOf(pair, kind, text)
          const whole = kind === "gather" ? [text + text] : kind === "say" ? [text] : [text, text]
          // Trailers before their time that say OK leave out what nobody can miss.
          const cut = faults.some(({ fault }) => fault === "trailers" || fault === "close")
          assert.deepEqual(texts, cut ? whole.slice(0, texts.length) : whole)
        } finally {
          left--
        }
      })
      const settled = Promise.allSettled(ends)
      for (let steps = 0; left > 0 && steps < 300; steps++) await clock.advance(100)
      assert.equal(left, 0, "a call never ended")
      for (const end of await settled) {
        if (end.status === "rejected" && end.reason instanceof assert.AssertionError) throw end.reason
      }
      await pair.close()
      // The timer of deadlines is one for all calls, and outlives them.
      await clock.advance(20_000)
      assert.deepEqual([clock.pending, clock.holds], [0, 0])
    }),
    { numRuns: 100 },
  )
})

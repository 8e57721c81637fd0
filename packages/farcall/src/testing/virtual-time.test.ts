import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { defaultLimits } from "@farcall/http2"
import type { CallOptions } from "../client/call-options.js"
import type { ServiceConfigJson } from "../client/service-config.js"
import { StatusError } from "../core/status-error.js"
import type { ServerContext } from "../server/context.js"
import { failureOf } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { createTestPair, type TestPair, type TestPairOptions, type TestTransport } from "./test-pair.js"
import { type VirtualClock, virtualClock } from "./virtual-clock.js"

type Say = (request: Text, context: ServerContext) => Text | Promise<Text>

/** A pair on a clock that stands still. */
async function standing(
  say: Say,
  transport: TestTransport,
  options: TestPairOptions = {},
): Promise<{ clock: VirtualClock; pair: TestPair<typeof Parrot> } & AsyncDisposable> {
  const clock = virtualClock()
  const pair = await createTestPair(Parrot, { say }, { transport, clock, ...options })
  return { clock, pair, [Symbol.asyncDispose]: () => pair.close() }
}

/** Goes on, timer by timer, until the promise is settled; returns when that was. */
async function timeOf(promise: Promise<unknown>, clock: VirtualClock): Promise<number> {
  let settled = false
  const note = (): void => {
    settled = true
  }
  promise.then(note, note)
  await clock.settle()
  while (!settled) assert.notEqual(await clock.advanceToNext(), undefined, "nothing is to come any more")
  return clock.now()
}

const echo: Say = (request) => request
const never: Say = () => new Promise(() => {})
const policyFor = (policy: object): ServiceConfigJson => ({ methodConfig: [{ name: [{}], ...policy }] })

for (const transport of ["memory", "tcp", "tls", "unix"] as const) {
  describe(`on a virtual clock, over ${transport}`, () => {
    it("half an hour without a call makes a channel idle, and the next call connects again", async () => {
      await using scene = await standing(echo, transport)
      const { clock, pair } = scene
      await pair.client.say({ text: "a" })
      await clock.advance(29 * 60_000)
      assert.equal(pair.channel.state, "READY")
      // It is found out up to a quarter later.
      await clock.advance(10 * 60_000)
      assert.equal(pair.channel.state, "IDLE")
      assert.deepEqual(await pair.client.say({ text: "b" }), { text: "b" })
    })

    it("a deadline passes at its instant, on both sides", async () => {
      const ends: number[] = []
      await using scene = await standing((_, { signal }) => {
        signal.addEventListener("abort", () => ends.push(scene.clock.now()))
        return new Promise(() => {})
      }, transport)
      const { clock, pair } = scene
      const call = failureOf(pair.client.say({ text: "" }, { timeoutMs: 250 }))
      assert.equal(await timeOf(call, clock), 250)
      assert.equal((await call).code, "DEADLINE_EXCEEDED")
      assert.deepEqual(ends, [250])
    })

    it("a deadline goes down a chain of three services, and takes all of it down", async () => {
      const clock = virtualClock()
      const ends: string[] = []
      /** A service that notes its end, and answers with what `next` does. */
      const link = (name: string, next: Say): Promise<TestPair<typeof Parrot>> =>
        createTestPair(
          Parrot,
          {
            say(request, context) {
              context.signal.addEventListener("abort", () => ends.push(`${name} ${clock.now()}`))
              return next(request, context)
            },
          },
          { transport, clock },
        )
      const ask =
        (pair: TestPair<typeof Parrot>, options: CallOptions): Say =>
        async (request, context) => {
          await clock.sleep(100)
          return pair.client.say(request, { parent: context, ...options })
        }
      await using third = await link("third", never)
      await using second = await link("second", ask(third, {}))
      await using first = await link("first", ask(second, { timeoutMs: 60_000 }))
      const call = failureOf(first.client.say({ text: "" }, { timeoutMs: 5_000 }))
      await clock.advance(4_999)
      assert.deepEqual(ends, [])
      await clock.advance(1)
      assert.equal((await call).code, "DEADLINE_EXCEEDED")
      assert.deepEqual(ends.sort(), ["first 5000", "second 5000", "third 5000"])
    })

    it("keepalive finds a dead line out", async () => {
      const channel = { keepalive: { timeMs: 10_000, timeoutMs: 2_000 } }
      await using scene = await standing(never, transport, { channel, faults: [] })
      const { clock, pair } = scene
      const call = failureOf(pair.client.say({ text: "" }))
      await clock.advance(3_000)
      pair.faults.strike({ fault: "stall" })
      assert.equal(await timeOf(call, clock), 12_000)
      assert.match((await call).message, /PING was not answered within 2000 ms/)
    })

    it("attempts to connect back off", async () => {
      await using scene = await standing(echo, transport, { faults: [{ fault: "refuse", times: 3 }] })
      const { clock, pair } = scene
      const call = pair.client.say({ text: "at last" }, { waitForReady: true })
      const at = await timeOf(call, clock)
      // 1 s, 1.6 s and 2.56 s, each a fifth more or less.
      assert.ok(at >= 5_160 * 0.8 && at <= 5_160 * 1.2, `after ${at} ms`)
      assert.deepEqual(await call, { text: "at last" })
    })

    it("connections grow old, and others take their place", async () => {
      const peers: string[] = []
      const server = { connections: { maxAgeMs: 60_000, maxAgeGraceMs: 5_000 } }
      await using scene = await standing(
        (request, { peer }) => {
          peers.push(peer)
          return request
        },
        transport,
        { server },
      )
      const { clock, pair } = scene
      for (let minute = 0; minute < 5; minute++) {
        await pair.client.say({ text: "" })
        await pair.client.say({ text: "" })
        // A tenth more or less.
        await clock.advance(66_001)
      }
      assert.equal(peers.length, 10)
      // Clients of a unix socket have no names of their own.
      assert.equal(new Set(peers).size, transport === "unix" ? 1 : 5)
    })

    it("a retry waits for its backoff", async () => {
      const retryPolicy = {
        maxAttempts: 4,
        initialBackoff: "10s",
        maxBackoff: "60s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      } as const
      const times: number[] = []
      await using scene = await standing(
        (request) => {
          times.push(scene.clock.now())
          if (times.length < 3) throw new StatusError("UNAVAILABLE", "not yet")
          return request
        },
        transport,
        { channel: { serviceConfig: policyFor({ retryPolicy }) } },
      )
      const { clock, pair } = scene
      const call = pair.client.say({ text: "" })
      await timeOf(call, clock)
      await call
      const [first, second, third] = times as [number, number, number]
      assert.equal(first, 0)
      // Each a fifth more or less.
      assert.ok(second >= 8_000 && second <= 12_000, String(second))
      assert.ok(third - second >= 16_000 && third - second <= 24_000, String(third - second))
    })

    it("a hedge follows at its delay", async () => {
      const hedgingPolicy = { maxAttempts: 3, hedgingDelay: "1s", nonFatalStatusCodes: [] } as const
      let attempts = 0
      await using scene = await standing(
        async (request) => {
          if (++attempts === 1) await scene.clock.sleep(10_000)
          return request
        },
        transport,
        { channel: { serviceConfig: policyFor({ hedgingPolicy }) } },
      )
      const { clock, pair } = scene
      const call = pair.client.say({ text: "the second" })
      assert.equal(await timeOf(call, clock), 1_000)
      assert.deepEqual([await call, attempts], [{ text: "the second" }, 2])
    })

    it("a shutdown waits for its grace", async () => {
      await using scene = await standing(never, transport)
      const { clock, pair } = scene
      const call = failureOf(pair.client.say({ text: "" }))
      await clock.settle()
      const down = pair.server.shutdown({ graceMs: 20_000 })
      assert.equal(await timeOf(down, clock), 20_000)
      assert.equal((await call).code, "UNAVAILABLE")
    })
  })
}

describe("on a virtual clock", () => {
  it("the engine gives up who does not shake hands, and the call goes by another connection", async () => {
    const faults = [{ fault: "stall", after: { requests: 0 }, direction: "requests", nth: 1 }] as const
    await using scene = await standing(echo, "memory", { faults })
    const { clock, pair } = scene
    const call = pair.client.say({ text: "a" })
    assert.equal(await timeOf(call, clock), defaultLimits.prefaceTimeout)
    assert.deepEqual(await call, { text: "a" })
  })
})

import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Interceptor } from "../core/interceptor.js"
import { StatusError } from "../core/status-error.js"
import type { Resolver, ResolverListener } from "../resolve/resolver.js"
import { failureOf, textsOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { retryPair, retryPolicy, Watched } from "../test-support/retry-pair.js"
import { ScriptedConnect } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"
import { createTestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { createChannelWith } from "./balanced-channel.js"
import { createChannel } from "./channel.js"
import { createClient } from "./client.js"
import type { ServiceConfigJson } from "./service-config.js"

const never = (): Promise<never> => new Promise(() => {})

describe("the service config's timeout", () => {
  it("ends a call that says none, and the earlier one counts", async () => {
    for (const [options, at] of [
      [undefined, 2_000],
      [{ timeoutMs: 500 }, 500],
      [{ timeoutMs: 5_000 }, 2_000],
      [{ deadline: new Date(Date.UTC(2030, 0, 1) + 700) }, 700],
      [{ deadline: Date.UTC(2030, 0, 1) + 800 }, 800],
    ] as const) {
      await using pair = retryPair({ say: never }, { method: { timeout: "2s" } })
      const call = new Watched(pair.client.say({ text: "" }, options))
      await pair.clock.advance(at - 1)
      assert.ok(call.pending)
      await pair.clock.advance(1)
      assert.equal(call.error?.code, "DEADLINE_EXCEEDED")
    }
  })

  it("of nothing ends every call before it begins", async () => {
    await using pair = retryPair({ say: (request) => request }, { method: { timeout: "0s" } })
    const call = new Watched(pair.client.say({ text: "" }))
    await settled()
    assert.equal(call.error?.message, "the deadline had passed before the call began")
  })

  it("goes beside the client's own, which is for calls that say none", async () => {
    await using pair = retryPair({ say: never }, { client: { timeoutMs: 300 } })
    const calls = [undefined, { timeoutMs: 1_000 }].map(
      (options) => new Watched(pair.client.say({ text: "" }, options)),
    )
    await pair.clock.advance(300)
    assert.deepEqual(
      calls.map(({ pending }) => pending),
      [false, true],
    )
    await pair.clock.advance(700)
    assert.equal(calls[1]!.error?.code, "DEADLINE_EXCEEDED")
  })
})

describe("the service config's waitForReady", () => {
  const refused = (): Error => new Error("refused")

  it("49. has calls wait that do not say themselves", async () => {
    let up = false
    await using pair = retryPair(
      { say: (request) => request },
      { method: { waitForReady: true }, connectError: () => (up ? undefined : refused()) },
    )
    const waits = new Watched(pair.client.say({ text: "a" }))
    const fails = new Watched(pair.client.say({ text: "b" }, { waitForReady: false }))
    await pair.clock.advance(30_000)
    assert.ok(waits.pending)
    assert.equal(fails.error?.code, "UNAVAILABLE")
    up = true
    await pair.clock.advance(60_000)
    assert.deepEqual(waits.value, { text: "a" })
  })

  it("does not outlast a deadline, nor a signal; what it waited for is the error's cause", async () => {
    await using pair = retryPair({}, { method: { waitForReady: true }, connectError: refused })
    const late = new Watched(pair.client.say({ text: "a" }, { timeoutMs: 10_000 }))
    const abortion = new AbortController()
    const cancelled = new Watched(pair.client.say({ text: "b" }, { signal: abortion.signal }))
    await pair.clock.advance(10_000)
    const { error } = late
    assert.equal(error?.code, "DEADLINE_EXCEEDED")
    assert.match(error!.message, /^the deadline passed while waiting for a connection to pair: .*refused/)
    assert.equal((error!.cause as Error).message, "refused")
    assert.ok(cancelled.pending)
    abortion.abort()
    await settled()
    assert.equal(cancelled.error?.code, "CANCELLED")
  })
})

describe("the service config's message limits", () => {
  it("go below the channel's own, and never above", async () => {
    const serviceConfig: ServiceConfigJson = {
      methodConfig: [
        { name: [{ service: "test.Parrot", method: "Say" }], maxRequestMessageBytes: 10, maxResponseMessageBytes: 20 },
        { name: [{}], maxRequestMessageBytes: 1_000, maxResponseMessageBytes: 1_000 },
      ],
    }
    await using pair = await createTestPair(
      Parrot,
      {
        say: ({ text }) => ({ text: text.repeat(3) }),
        gather: async () => ({ text: "x".repeat(200) }),
      },
      { channel: { serviceConfig, maxSendMessageLength: 100, maxReceiveMessageLength: 100 } },
    )
    const { client } = pair
    assert.deepEqual(await client.say({ text: "123456" }), { text: "123456123456123456" })
    const sent = await failureOf(client.say({ text: "12345678901" }))
    assert.equal(sent.code, "RESOURCE_EXHAUSTED")
    assert.equal(sent.message, "message is 11 bytes, the limit for sending is 10")
    const received = await failureOf(client.say({ text: "1234567" }))
    assert.equal(received.code, "RESOURCE_EXHAUSTED")
    assert.match(received.message, /21 bytes.*20/)
    assert.match((await failureOf(client.gather([]))).message, /200 bytes.*100/)
    assert.match((await failureOf(client.gather([{ text: "x".repeat(101) }]))).message, /101 bytes.* is 100/)
  })

  it("hold for every attempt, and what is too long is not tried again", async () => {
    await using pair = retryPair({}, { method: { retryPolicy, maxRequestMessageBytes: 3 } })
    const call = new Watched(pair.client.say({ text: "1234" }))
    await pair.clock.advance(1)
    assert.equal(call.error?.code, "RESOURCE_EXHAUSTED")
    assert.equal(call.error?.message, "message is 4 bytes, the limit for sending is 3")
    assert.equal(pair.kept(), 0)
  })
})

describe("a service config given to createChannel", () => {
  it("is refused when it is wrong, with where", () => {
    assert.throws(
      () => createChannel("localhost:1", { serviceConfig: '{"methodConfig":[{"timeout":"soon"}]}' }),
      /^TypeError: serviceConfig\.methodConfig\[0\]\.timeout: "soon": must be a duration/,
    )
    assert.throws(() => createChannel("localhost:1", { maxAttempts: 2.5 }), /maxAttempts is 2.5, and no integer/)
    assert.throws(
      () => createChannel("localhost:1", { maxAttempts: 0 }),
      /^RangeError: createChannel: maxAttempts is 0/,
    )
  })

  it("names the balancing policy, unless the option does", async () => {
    const addresses = [1, 2].map((port) => ({ kind: "tcp", host: "127.0.0.1", port }) as const)
    for (const [balancing, attempts] of [
      [undefined, 2],
      ["pick_first", 1],
    ] as const) {
      const connect = new ScriptedConnect()
      await using under = channelFrom((listener) => listener.onAddresses(addresses), connect, {
        balancing,
        serviceConfig: { loadBalancingConfig: [{ round_robin: {} }] },
      })
      under.channel.connect()
      await settled()
      assert.equal(connect.attempts.length, attempts)
    }
  })

  it("can have pick_first try the addresses in any order", async () => {
    const addresses = [1, 2, 3].map((port) => ({ kind: "tcp", host: "127.0.0.1", port }) as const)
    const connect = new ScriptedConnect()
    await using under = channelFrom((listener) => listener.onAddresses(addresses), connect, {
      serviceConfig: { loadBalancingConfig: [{ pick_first: { shuffleAddressList: true } }] },
    })
    under.channel.connect()
    await settled()
    // Chance says 0 each time: 1 2 3, 3 2 1, 2 3 1.
    assert.deepEqual(connect.peers, ["ipv4:127.0.0.1:2"])
  })
})

describe("a service config that comes with the addresses", () => {
  const addresses = [{ kind: "tcp", host: "127.0.0.1", port: 1 } as const]
  const config = (timeout: string): ServiceConfigJson => ({ methodConfig: [{ name: [{}], timeout }] })

  it("is waited for, by calls that were made before", async () => {
    const connect = new ScriptedConnect()
    let found: ResolverListener | undefined
    await using under = channelFrom((listener) => (found = listener), connect)
    const call = new Watched(under.client.say({ text: "" }))
    const other = new Watched(under.client.say({ text: "" }, { timeoutMs: 500 }))
    await under.clock.advance(1_000)
    assert.ok(call.pending)
    assert.equal(other.error?.code, "DEADLINE_EXCEEDED")
    found!.onAddresses(addresses, JSON.stringify(config("2s")))
    await under.clock.advance(2_000)
    assert.equal(call.error?.code, "DEADLINE_EXCEEDED")
  })

  it("goes before the one given, which is for when none is found", async () => {
    let found: ResolverListener | undefined
    await using under = channelFrom((listener) => (found = listener), new ScriptedConnect(), {
      serviceConfig: config("1s"),
    })
    under.channel.connect()
    const timeout = (): number | undefined => under.channel.config?.config.forMethod(Parrot.methods.say)?.timeoutMs
    assert.equal(timeout(), undefined, "nothing is known yet")
    found!.onAddresses(addresses, config("5s"))
    assert.equal(timeout(), 5_000)
    found!.onAddresses(addresses)
    assert.equal(timeout(), 1_000)
  })

  it("58. one that is wrong leaves the one before in place", async () => {
    let found: ResolverListener | undefined
    await using under = channelFrom((listener) => (found = listener), new ScriptedConnect())
    under.channel.connect()
    found!.onAddresses(addresses, config("5s"))
    const before = under.channel.config
    found!.onAddresses(addresses, "{")
    assert.equal(under.channel.config, before)
    found!.onAddresses(addresses, config("5s"))
    assert.equal(under.channel.config, before, "the same again keeps its tokens")
  })

  it("58. when the first one is wrong, calls fail, and say why; the one given would have served", async () => {
    let found: ResolverListener | undefined
    await using under = channelFrom((listener) => (found = listener), new ScriptedConnect())
    const call = new Watched(under.client.say({ text: "" }))
    await settled()
    found!.onAddresses(addresses, '{"methodConfig":[{"timeout":1}]}')
    await settled()
    assert.equal(call.error?.code, "UNAVAILABLE")
    assert.match(
      call.error!.message,
      /^no connection to pair: the service config of pair is wrong: serviceConfig\.methodConfig\[0\]\.timeout: 1: /,
    )
    assert.equal(under.channel.state, "TRANSIENT_FAILURE")
    await using served = channelFrom((listener) => (found = listener), new ScriptedConnect(), {
      serviceConfig: config("1s"),
    })
    served.channel.connect()
    found!.onAddresses(addresses, "{")
    assert.equal(served.channel.config?.config.forMethod(Parrot.methods.say)?.timeoutMs, 1_000)
  })

  it("may exchange the balancing policy", async () => {
    const two = [1, 2].map((port) => ({ kind: "tcp", host: "127.0.0.1", port }) as const)
    const connect = new ScriptedConnect()
    let found: ResolverListener | undefined
    await using under = channelFrom((listener) => (found = listener), connect)
    under.channel.connect()
    found!.onAddresses(two)
    await settled()
    assert.equal(connect.attempts.length, 1)
    found!.onAddresses(two, { loadBalancingConfig: [{ round_robin: {} }] })
    await settled()
    assert.ok(connect.attempts[0]!.aborted)
    assert.deepEqual(connect.peers.slice(1), ["ipv4:127.0.0.1:1", "ipv4:127.0.0.1:2"])
  })
})

describe("attempts, as interceptors see them", () => {
  it("are counted in the response and in the error", async () => {
    let failures = 2
    const seen: (number | undefined)[] = []
    await using pair = retryPair(
      {
        say: (request) => {
          if (failures-- > 0) throw new StatusError("UNAVAILABLE")
          return request
        },
      },
      {
        method: { retryPolicy },
        client: {
          interceptors: [
            (next) => async (call) => {
              try {
                const response = await next(call)
                seen.push(response.attempts)
                return response
              } catch (error) {
                seen.push((error as StatusError).attempts)
                throw error
              }
            },
          ],
        },
      },
    )
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(10_000)
    assert.ok(call.value)
    failures = 9
    const failed = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(60_000)
    assert.ok(failed.error)
    assert.deepEqual(seen, [3, 4])
  })

  it("are counted by a call that streams, with interceptors or without", async () => {
    for (const interceptors of [[], [(next) => next] satisfies Interceptor[]]) {
      let failures = 2
      await using pair = retryPair(
        {
          async *repeat(request) {
            if (failures-- > 0) throw new StatusError("UNAVAILABLE")
            yield request
          },
        },
        { method: { retryPolicy }, client: { interceptors } },
      )
      const call = pair.client.repeat({ text: "" })
      const texts = new Watched(textsOf(call))
      await pair.clock.advance(10_000)
      assert.deepEqual(texts.value, [""])
      assert.equal(call.attempts, 3)
    }
  })
})

/** A channel whose addresses, and service config, a test finds. */
function channelFrom(
  open: (listener: ResolverListener) => void,
  connect: ScriptedConnect,
  options: Parameters<typeof createChannelWith>[2] = {},
) {
  const clock = virtualClock()
  const channel = createChannelWith(
    "pair",
    {
      name: {
        authority: "localhost",
        local: true,
        findsServiceConfig: true,
        open: (listener): Resolver => {
          let asked = false
          return {
            resolve: () => {
              if (!asked) open(listener)
              asked = true
            },
            describe: () => "looking",
            close: () => {},
          }
        },
      },
      connect: connect.connect,
      random: () => 0,
    },
    { clock, ...options },
  )
  return {
    clock,
    channel,
    client: createClient(Parrot, channel),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      const closed = channel.close()
      await clock.advance(1)
      await closed
    },
  }
}

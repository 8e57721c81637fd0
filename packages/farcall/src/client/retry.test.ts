import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Metadata } from "../core/metadata.js"
import { StatusError } from "../core/status-error.js"
import type { ServerContext } from "../server/context.js"
import { textsOf } from "../test-support/outcome.js"
import type { Text } from "../test-support/parrot.js"
import { type RetryPairOptions, retryPair, retryPolicy, Watched } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"

const armed: RetryPairOptions = { method: { retryPolicy } }

/** A handler that fails until its `succeedAt`-th attempt, and when each came. */
function failing(
  succeedAt: number,
  now: () => number,
  failure = (): StatusError => new StatusError("UNAVAILABLE", "busy"),
) {
  const seen: { at: number; previous: string | undefined }[] = []
  const say = (request: Text, context: ServerContext): Text => {
    seen.push({ at: now(), previous: context.metadata.get("grpc-previous-rpc-attempts") })
    if (seen.length < succeedAt) throw failure()
    return request
  }
  return { seen, say }
}

describe("retries of a unary call", () => {
  it("53. wait initialBackoff, and each time backoffMultiplier longer up to maxBackoff", async () => {
    const { seen, say } = failing(4, () => pair.clock.now())
    await using pair = retryPair({ say }, armed)
    const call = new Watched(pair.client.say({ text: "hi" }))
    await pair.clock.advance(20_000)
    assert.deepEqual(call.value, { text: "hi" })
    assert.deepEqual(seen, [
      { at: 0, previous: undefined },
      { at: 1_000, previous: "1" },
      { at: 3_000, previous: "2" },
      { at: 7_000, previous: "3" },
    ])
    assert.equal(pair.kept(), 0)
    assert.equal(pair.clock.holds, 1, "the wire alone keeps the process")
  })

  it("55. say how many attempts came before them, once, whatever the call's metadata says", async () => {
    const seen: (readonly string[])[] = []
    await using pair = retryPair(
      {
        say: (request, { metadata }) => {
          seen.push(metadata.getAll("grpc-previous-rpc-attempts") as string[])
          if (seen.length < 3) throw new StatusError("UNAVAILABLE", "busy")
          return request
        },
      },
      armed,
    )
    const metadata = new Metadata({ "grpc-previous-rpc-attempts": "7", a: "b" })
    const call = new Watched(pair.client.say({ text: "hi" }, { metadata }))
    await pair.clock.advance(20_000)
    assert.deepEqual(call.value, { text: "hi" })
    assert.deepEqual(seen, [["7"], ["1"], ["2"]])
    assert.deepEqual(metadata.getAll("grpc-previous-rpc-attempts"), ["7"])
  })

  it("53. chance moves each wait by up to a fifth either way", async () => {
    for (const [random, at] of [
      [0, 800],
      [0.999_999, 1_200],
    ]) {
      const { seen, say } = failing(2, () => pair.clock.now())
      await using pair = retryPair({ say }, { ...armed, random: () => random! })
      const call = new Watched(pair.client.say({ text: "hi" }))
      await pair.clock.advance(2_000)
      assert.deepEqual(call.value, { text: "hi" })
      assert.equal(Math.round(seen[1]!.at), at)
    }
  })

  it("maxBackoff bounds even the first wait", async () => {
    const { seen, say } = failing(3, () => pair.clock.now())
    await using pair = retryPair({ say }, { method: { retryPolicy: { ...retryPolicy, maxBackoff: "0.25s" } } })
    const call = new Watched(pair.client.say({ text: "hi" }))
    await pair.clock.advance(1_000)
    assert.ok(!call.pending)
    assert.deepEqual(
      seen.map(({ at }) => at),
      [0, 250, 500],
    )
  })

  it("end with the last failure as it came, and say how many there were", async () => {
    const { seen, say } = failing(
      99,
      () => 0,
      () => new StatusError("UNAVAILABLE", "busy", { trailers: new Metadata({ why: "x" }) }),
    )
    await using pair = retryPair({ say }, armed)
    const call = new Watched(pair.client.say({ text: "hi" }))
    await pair.clock.advance(60_000)
    assert.equal(seen.length, 4)
    const { error } = call
    assert.equal(error?.code, "UNAVAILABLE")
    assert.equal(error?.message, "busy")
    assert.equal(error?.trailers?.get("why"), "x")
    assert.equal(error?.attempts, 4)
    assert.equal(pair.kept(), 0)
  })

  it("56. five attempts are the most, unless the channel allows for more", async () => {
    for (const [maxAttempts, attempts] of [
      [undefined, 5],
      [7, 7],
      [2, 2],
    ]) {
      const { seen, say } = failing(99, () => 0)
      await using pair = retryPair(
        { say },
        { method: { retryPolicy: { ...retryPolicy, maxAttempts: 9 } }, channel: { maxAttempts } },
      )
      const call = new Watched(pair.client.say({ text: "hi" }))
      await pair.clock.advance(60_000)
      assert.equal(seen.length, attempts)
      assert.equal(call.error?.attempts, attempts)
    }
  })

  it("are not made for other status codes, nor without a policy, nor when they are switched off", async () => {
    for (const options of [
      { method: { retryPolicy: { ...retryPolicy, retryableStatusCodes: [10] } } },
      { method: {} },
      { ...armed, channel: { retries: false } },
    ]) {
      const { seen, say } = failing(2, () => 0)
      await using pair = retryPair({ say }, options)
      const call = new Watched(pair.client.say({ text: "hi" }))
      await pair.clock.advance(60_000)
      assert.equal(call.error?.code, "UNAVAILABLE")
      assert.equal(call.error?.attempts, 1)
      assert.equal(seen.length, 1)
    }
  })

  it("52. the server's pushback is waited out exactly, and backoff begins anew after it", async () => {
    const pushbacks = [undefined, "2500", undefined]
    let attempt = 0
    const { seen, say } = failing(
      4,
      () => pair.clock.now(),
      () => {
        const pushback = pushbacks[attempt++]
        const trailers = new Metadata(pushback === undefined ? {} : { "grpc-retry-pushback-ms": pushback })
        return new StatusError("UNAVAILABLE", "busy", { trailers })
      },
    )
    await using pair = retryPair({ say }, { ...armed, random: () => 0.5 })
    const call = new Watched(pair.client.say({ text: "hi" }))
    await pair.clock.advance(20_000)
    assert.ok(!call.pending)
    assert.deepEqual(
      seen.map(({ at }) => at),
      [0, 1_000, 3_500, 4_500],
    )
  })

  it("52. a pushback that is negative, unreadable or said twice means no", async () => {
    for (const pushback of ["-1", "", "soon", "1.5", "01", "+1", "99999999999", ["1", "1"]]) {
      const { seen, say } = failing(
        2,
        () => 0,
        () => {
          return new StatusError("UNAVAILABLE", "busy", {
            trailers: new Metadata({ "grpc-retry-pushback-ms": pushback }),
          })
        },
      )
      await using pair = retryPair({ say }, armed)
      const call = new Watched(pair.client.say({ text: "hi" }))
      await pair.clock.advance(60_000)
      assert.equal(call.error?.code, "UNAVAILABLE", String(pushback))
      assert.equal(seen.length, 1, String(pushback))
    }
  })

  it("the deadline is over all attempts, and says what the call was waiting for", async () => {
    const { seen, say } = failing(99, () => 0)
    await using pair = retryPair({ say }, armed)
    const call = new Watched(pair.client.say({ text: "hi" }, { timeoutMs: 2_900 }))
    await pair.clock.advance(2_899)
    assert.ok(call.pending)
    await pair.clock.advance(1)
    const { error } = call
    assert.equal(error?.code, "DEADLINE_EXCEEDED")
    assert.equal(error?.message, "the deadline passed before attempt 3, after attempt 2 ended UNAVAILABLE: busy")
    assert.equal((error!.cause as StatusError).code, "UNAVAILABLE")
    assert.equal(error?.attempts, 2)
    await pair.clock.advance(60_000)
    assert.equal(seen.length, 2)
  })

  it("each attempt is told the time that is left", async () => {
    const left: number[] = []
    await using pair = retryPair(
      {
        say: (request, context) => {
          left.push(Math.round(context.remainingMs))
          if (left.length < 3) throw new StatusError("UNAVAILABLE")
          return request
        },
      },
      armed,
    )
    const call = new Watched(pair.client.say({ text: "hi" }, { timeoutMs: 10_000 }))
    await pair.clock.advance(9_000)
    assert.ok(!call.pending)
    assert.deepEqual(left, [10_000, 9_000, 7_000])
  })

  it("cancelling while it waits for an attempt ends it, and leaves nothing behind", async () => {
    const { seen, say } = failing(99, () => 0)
    await using pair = retryPair({ say }, armed)
    const abortion = new AbortController()
    const call = new Watched(pair.client.say({ text: "hi" }, { signal: abortion.signal }))
    await pair.clock.advance(500)
    assert.equal(pair.clock.holds, 2, "a wait between attempts keeps the process")
    abortion.abort(new Error("enough"))
    await settled()
    assert.equal(call.error?.code, "CANCELLED")
    assert.equal((call.error!.cause as Error).message, "enough")
    assert.equal(pair.clock.holds, 1)
    assert.equal(pair.kept(), 0)
    await pair.clock.advance(60_000)
    assert.equal(seen.length, 1)
  })

  it("closing the channel ends a wait between attempts at once", async () => {
    const { say } = failing(99, () => 0)
    await using pair = retryPair({ say }, armed)
    const call = new Watched(pair.client.say({ text: "hi" }))
    await pair.clock.advance(500)
    await pair.channel.close()
    await settled()
    assert.equal(call.error?.code, "CANCELLED")
    assert.match(call.error!.message, /^the channel to pair was closed/)
    assert.equal(pair.kept(), 0)
  })

  it("no connection is a failure like others", async () => {
    const { seen, say } = failing(1, () => pair.clock.now())
    await using pair = retryPair(
      { say },
      { ...armed, connectError: (attempt) => (attempt < 3 ? new Error("refused") : undefined) },
    )
    const call = new Watched(pair.client.say({ text: "hi" }))
    await pair.clock.advance(30_000)
    assert.deepEqual(call.value, { text: "hi" })
    assert.deepEqual(
      seen.map(({ previous }) => previous),
      ["2"],
    )
  })
})

describe("what commits a call", () => {
  it("50. response headers, with which a failure is the call's", async () => {
    let attempts = 0
    await using pair = retryPair(
      {
        async *repeat(request) {
          attempts++
          yield request
          throw new StatusError("UNAVAILABLE", "half-way")
        },
      },
      armed,
    )
    const call = pair.client.repeat({ text: "a" })
    const texts: string[] = []
    const read = new Watched(
      (async () => {
        for await (const { text } of call) texts.push(text)
      })(),
    )
    await pair.clock.advance(60_000)
    assert.equal(read.error?.message, "half-way")
    assert.deepEqual(texts, ["a"])
    assert.equal(attempts, 1)
  })

  it("50. a request larger than the buffer, of which there is only the one attempt", async () => {
    for (const [channel, size] of [
      [{}, 262_144],
      [{ maxRetryBytesPerCall: 100 }, 101],
      [{ maxRetryBytesPerChannel: 100 }, 101],
    ] as const) {
      const { seen, say } = failing(2, () => 0)
      await using pair = retryPair({ say }, { ...armed, channel })
      const large = new Watched(pair.client.say({ text: "x".repeat(size) }))
      await pair.clock.advance(60_000)
      assert.equal(large.error?.code, "UNAVAILABLE")
      assert.equal(seen.length, 1)
      assert.equal(pair.kept(), 0)
    }
  })

  it("what fits is kept until the end of the call: that of all calls together has a bound", async () => {
    const { seen, say } = failing(99, () => 0)
    await using pair = retryPair({ say }, { ...armed, channel: { maxRetryBytesPerChannel: 1_000 } })
    const calls = [1, 2, 3].map(() => new Watched(pair.client.say({ text: "x".repeat(395) })))
    await pair.clock.advance(500)
    assert.equal(pair.kept(), 800)
    assert.deepEqual(
      calls.map(({ pending }) => pending),
      [true, true, false],
    )
    await pair.clock.advance(60_000)
    assert.equal(seen.length, 9)
    assert.equal(pair.kept(), 0)
  })
})

describe("retries of calls that stream", () => {
  it("send the requests again, in order, and the end with them", async () => {
    const attempts: string[][] = []
    await using pair = retryPair(
      {
        async gather(requests) {
          const texts = await textsOf(requests)
          attempts.push(texts)
          if (attempts.length < 3) throw new StatusError("UNAVAILABLE")
          return { text: texts.join("") }
        },
      },
      armed,
    )
    const call = new Watched(pair.client.gather(["a", "b", "c"].map((text) => ({ text }))))
    await pair.clock.advance(10_000)
    assert.deepEqual(call.value, { text: "abc" })
    assert.deepEqual(attempts, [
      ["a", "b", "c"],
      ["a", "b", "c"],
      ["a", "b", "c"],
    ])
    assert.equal(pair.kept(), 0)
  })

  it("go on with what is written later", async () => {
    let attempts = 0
    const firsts: string[] = []
    await using pair = retryPair(
      {
        async *chat(requests) {
          attempts++
          for await (const { text } of requests) {
            firsts.push(text)
            if (attempts < 3) throw new StatusError("UNAVAILABLE", "not yet")
            yield { text: text.toUpperCase() }
          }
        },
      },
      armed,
    )
    const chat = pair.client.chat()
    void chat.write({ text: "a" })
    await pair.clock.advance(500)
    const second = chat.write({ text: "b" })
    await pair.clock.advance(10_000)
    assert.equal(await second, true)
    assert.equal(pair.kept(), 0, "the answer has come: nothing is kept any more")
    assert.equal(await chat.write({ text: "c" }), true)
    chat.end()
    assert.deepEqual(await textsOf(chat), ["A", "B", "C"])
    assert.deepEqual(firsts, ["a", "a", "a", "b", "c"])
  })

  it("a writer that waits while there is no attempt is woken by the next", async () => {
    let attempts = 0
    await using pair = retryPair(
      {
        async gather(requests) {
          if (++attempts === 1) throw new StatusError("UNAVAILABLE")
          return { text: (await textsOf(requests)).join("") }
        },
      },
      armed,
    )
    const call = pair.client.gather()
    await pair.clock.advance(100)
    let taken = 0
    for (const text of ["a", "b"]) {
      void call.write({ text }).then((more) => {
        if (more) taken++
      })
    }
    await settled()
    assert.equal(taken, 0, "no attempt is running: there is no room")
    await pair.clock.advance(1_000)
    assert.equal(taken, 2)
    call.end()
    const response = new Watched(call.response)
    await pair.clock.advance(1)
    assert.deepEqual(response.value, { text: "ab" })
  })

  it("50. requests that outgrow the buffer commit to the attempt that is running", async () => {
    let attempts = 0
    let release: () => void = () => {}
    await using pair = retryPair(
      {
        async gather(requests) {
          attempts++
          const texts = await textsOf(requests)
          await new Promise<void>((resolve) => {
            release = resolve
          })
          if (texts.length < 100) throw new StatusError("UNAVAILABLE", `${texts.length}`)
          return { text: "" }
        },
      },
      { ...armed, channel: { maxRetryBytesPerCall: 100 } },
    )
    const call = pair.client.gather()
    for (let i = 0; i < 20; i++) await call.write({ text: "0123456789" })
    assert.equal(pair.kept(), 0)
    call.end()
    await settled()
    release()
    const response = new Watched(call.response)
    await pair.clock.advance(60_000)
    assert.equal(response.error?.message, "20")
    assert.equal(attempts, 1)
  })

  it("a request that cannot be encoded ends the call, and no attempt is left", async () => {
    await using pair = retryPair({ gather: async (requests) => ({ text: (await textsOf(requests)).join("") }) }, armed)
    const call = new Watched(pair.client.gather([{ text: "a" }, { text: "!b" }]))
    await pair.clock.advance(10)
    assert.equal(call.error?.code, "INTERNAL")
    assert.match(call.error!.message, /^the request is no test\.Text/)
    assert.equal(pair.kept(), 0)
    const say = new Watched(pair.client.say({ text: "!" }))
    await pair.clock.advance(10)
    assert.equal(say.error?.code, "INTERNAL")
    assert.equal(pair.kept(), 0)
  })
})

describe("throttling", () => {
  const config = { retryThrottling: { maxTokens: 4, tokenRatio: 0.5 } }

  it("54. no retries while no more than half of the tokens are left, which successes give back", async () => {
    let fail = true
    let attempts = 0
    await using pair = retryPair(
      {
        say: (request) => {
          attempts++
          if (fail) throw new StatusError("UNAVAILABLE")
          return request
        },
      },
      { ...armed, config },
    )
    const { client, clock, tokens } = pair
    const first = new Watched(client.say({ text: "" }))
    await clock.advance(60_000)
    // 4 → 3: tried again; → 2: half, no more.
    assert.equal(attempts, 2)
    assert.equal(first.error?.attempts, 2)
    assert.equal(tokens(), 2)
    const second = new Watched(client.say({ text: "" }))
    await clock.advance(60_000)
    assert.equal(second.error?.attempts, 1)
    assert.equal(tokens(), 1)
    fail = false
    for (let i = 0; i < 5; i++) {
      const good = new Watched(client.say({ text: "" }))
      await clock.advance(1)
      assert.ok(good.value)
    }
    assert.equal(tokens(), 3.5)
    for (let i = 0; i < 5; i++) {
      const good = new Watched(client.say({ text: "" }))
      await clock.advance(1)
      assert.ok(good.value)
    }
    assert.equal(tokens(), 4, "never more than maxTokens")
  })

  it("54. counts only what is worth another attempt, and a pushback that says no", async () => {
    let error = new StatusError("INVALID_ARGUMENT")
    await using pair = retryPair(
      {
        say: () => {
          throw error
        },
      },
      { ...armed, config },
    )
    new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    assert.equal(pair.tokens(), 4)
    error = new StatusError("INVALID_ARGUMENT", "", { trailers: new Metadata({ "grpc-retry-pushback-ms": "-1" }) })
    new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    assert.equal(pair.tokens(), 3)
  })
})

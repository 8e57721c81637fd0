import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Metadata } from "../core/metadata.js"
import { StatusError } from "../core/status-error.js"
import { armed, failing, type RetryPairOptions, retryPair, retryPolicy, Watched } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"

describe("retries of a unary call", () => {
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

  it("the deadline says where the call was: waiting for a connection, or at a server, in which attempt, after what", async () => {
    const textAt = async (
      timeoutMs: number,
      failure: StatusError,
      answers: number,
      options: RetryPairOptions = armed,
    ) => {
      let count = 0
      await using pair = retryPair(
        {
          say: () => {
            if (++count > answers) return new Promise<never>(() => {})
            throw failure
          },
        },
        options,
      )
      const call = new Watched(pair.client.say({ text: "hi" }, { timeoutMs }))
      await pair.clock.advance(timeoutMs)
      assert.equal(call.error?.code, "DEADLINE_EXCEEDED")
      return call.error!.message.replace(/in-memory:\d+/, "HERE").replace("the deadline passed ", "")
    }
    const busy = new StatusError("UNAVAILABLE", "busy")
    assert.equal(await textAt(500, busy, 0), "at HERE")
    assert.equal(await textAt(1_500, busy, 1), "at HERE, in attempt 2, after attempt 1 ended UNAVAILABLE: busy")
    assert.equal(
      await textAt(1_500, new StatusError("UNAVAILABLE"), 1),
      "at HERE, in attempt 2, after attempt 1 ended UNAVAILABLE",
    )
    const never = { method: { retryPolicy, waitForReady: true }, connectError: () => new Error("refused") }
    assert.match(await textAt(500, busy, 0, never), /^while waiting for a conn/)
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

  it("closing the channel ends a call under way at once: it is not tried again", async () => {
    let attempts = 0
    await using pair = retryPair(
      {
        say: () => {
          attempts++
          return new Promise<never>(() => {})
        },
      },
      armed,
    )
    const call = new Watched(pair.client.say({ text: "hi" }))
    await pair.clock.advance(1)
    await pair.channel.close()
    await settled()
    assert.equal(call.error?.code, "UNAVAILABLE")
    assert.deepEqual([attempts, call.error.attempts], [1, 1])
    assert.equal(pair.kept(), 0)
  })

  it("each attempt keeps to the limits of its method's config", async () => {
    const { seen, say } = failing(2, () => 0)
    await using pair = retryPair(
      { say },
      { method: { retryPolicy, maxRequestMessageBytes: 10, maxResponseMessageBytes: 8 } },
    )
    const long = new Watched(pair.client.say({ text: "123456789" }))
    await pair.clock.advance(60_000)
    assert.equal(long.error?.code, "RESOURCE_EXHAUSTED")
    assert.match(long.error!.message, /9 bytes, the limit is 8 /)
    assert.equal(long.error?.attempts, 2)
    const tooLong = new Watched(pair.client.say({ text: "12345678901" }))
    await pair.clock.advance(60_000)
    assert.equal(tooLong.error?.code, "RESOURCE_EXHAUSTED")
    assert.match(tooLong.error!.message, /11 bytes, the limit for sending is 10/)
    assert.equal(seen.length, 2)
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

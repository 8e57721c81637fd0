import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Metadata } from "../core/metadata.js"
import { StatusError } from "../core/status-error.js"
import type { ServerContext } from "../server/context.js"
import { NotingTracer } from "../test-support/noting-tracer.js"
import { textsOf } from "../test-support/outcome.js"
import type { Text } from "../test-support/parrot.js"
import { hedgingPolicy, type RetryPairOptions, retryPair, Watched } from "../test-support/retry-pair.js"
import { settled } from "../test-support/settled.js"

const armed: RetryPairOptions = { method: { hedgingPolicy } }

/** Attempts of which a test says how each ends. */
class Attempts {
  readonly at: number[] = []
  readonly previous: (string | undefined)[] = []
  readonly contexts: ServerContext[] = []
  readonly settlers: { resolve(text: Text): void; reject(error: StatusError): void }[] = []
  now: () => number = () => 0

  readonly say = (_request: Text, context: ServerContext): Promise<Text> => {
    this.at.push(this.now())
    this.previous.push(context.metadata.get("grpc-previous-rpc-attempts"))
    this.contexts.push(context)
    return new Promise((resolve, reject) => this.settlers.push({ resolve, reject }))
  }

  answer(attempt: number, text: string): void {
    this.settlers[attempt]!.resolve({ text })
  }

  fail(attempt: number, code: StatusError["code"], pushback?: string): void {
    const trailers = new Metadata(pushback === undefined ? {} : { "grpc-retry-pushback-ms": pushback })
    this.settlers[attempt]!.reject(new StatusError(code, `attempt ${attempt}`, { trailers }))
  }

  get cancelled(): boolean[] {
    return this.contexts.map(({ cancelled }) => cancelled)
  }
}

describe("hedging", () => {
  it("makes an attempt every hedgingDelay, up to maxAttempts; the first answer counts, the others are cancelled", async () => {
    const attempts = new Attempts()
    await using pair = retryPair({ say: attempts.say }, armed)
    attempts.now = () => pair.clock.now()
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(10_000)
    assert.deepEqual(attempts.at, [0, 1_000, 2_000])
    assert.deepEqual(attempts.previous, [undefined, "1", "2"])
    assert.ok(call.pending)
    attempts.answer(1, "second")
    await pair.clock.advance(10)
    assert.deepEqual(call.value, { text: "second" })
    assert.deepEqual(attempts.cancelled, [true, false, true])
    assert.equal(pair.kept(), 0)
    await pair.clock.advance(10_000)
    assert.equal(attempts.at.length, 3)
  })

  it("an answer before hedgingDelay leaves it at one attempt", async () => {
    const attempts = new Attempts()
    await using pair = retryPair({ say: attempts.say }, armed)
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(999)
    attempts.answer(0, "first")
    await pair.clock.advance(10_000)
    assert.deepEqual(call.value, { text: "first" })
    assert.equal(attempts.at.length, 1)
  })

  it("without a delay makes all attempts at once", async () => {
    const attempts = new Attempts()
    await using pair = retryPair({ say: attempts.say }, { method: { hedgingPolicy: { maxAttempts: 4 } } })
    new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    assert.equal(attempts.at.length, 4)
    for (const noted of [attempts.at, attempts.previous, attempts.contexts, attempts.settlers]) noted.length = 0
    const call = new Watched(pair.client.say({ text: "" }))
    await settled()
    assert.equal(attempts.at.length, 4, "now that there is a connection, no time passes")
    attempts.answer(3, "fourth")
    await pair.clock.advance(1)
    assert.deepEqual(call.value, { text: "fourth" })
    assert.deepEqual(attempts.cancelled, [true, true, true, false])
  })

  it("a non-fatal failure brings the next attempt at once, and the one after hedgingDelay later", async () => {
    const attempts = new Attempts()
    await using pair = retryPair({ say: attempts.say }, armed)
    attempts.now = () => pair.clock.now()
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(400)
    attempts.fail(0, "UNAVAILABLE")
    await pair.clock.advance(10_000)
    assert.deepEqual(attempts.at, [0, 400, 1_400])
    attempts.fail(1, "ABORTED")
    await settled()
    assert.ok(call.pending, "the third is still under way")
    attempts.fail(2, "ABORTED")
    await pair.clock.advance(1)
    assert.equal(call.error?.message, "attempt 2")
    assert.equal(call.error?.attempts, 3)
  })

  it("any other failure ends the call, and the other attempts", async () => {
    const attempts = new Attempts()
    await using pair = retryPair({ say: attempts.say }, armed)
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1_500)
    attempts.fail(1, "INVALID_ARGUMENT")
    await pair.clock.advance(10_000)
    assert.equal(call.error?.code, "INVALID_ARGUMENT")
    assert.ok(attempts.contexts[0]!.cancelled)
    assert.equal(pair.kept(), 0)
  })

  it("52. a pushback sets the time of the next attempt, the rest follow hedgingDelay apart", async () => {
    const attempts = new Attempts()
    await using pair = retryPair({ say: attempts.say }, armed)
    attempts.now = () => pair.clock.now()
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(500)
    attempts.fail(0, "UNAVAILABLE", "3000")
    await pair.clock.advance(10_000)
    assert.deepEqual(attempts.at, [0, 3_500, 4_500])
    attempts.answer(1, "x")
    await pair.clock.advance(1)
    assert.deepEqual(call.value, { text: "x" })
  })

  it("52. a pushback that says no leaves it at the attempts there are", async () => {
    const attempts = new Attempts()
    await using pair = retryPair({ say: attempts.say }, armed)
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1_500)
    attempts.fail(0, "UNAVAILABLE", "-1")
    await pair.clock.advance(10_000)
    assert.equal(attempts.at.length, 2)
    assert.ok(call.pending)
    attempts.answer(1, "y")
    await pair.clock.advance(1)
    assert.deepEqual(call.value, { text: "y" })
  })

  it("52. nor does a failure after it bring another", async () => {
    const attempts = new Attempts()
    await using pair = retryPair({ say: attempts.say }, armed)
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1_500)
    assert.equal(pair.clock.holds, 1, "attempts are under way: the wait for the next keeps nothing")
    attempts.fail(0, "UNAVAILABLE", "-1")
    await pair.clock.advance(1)
    attempts.fail(1, "UNAVAILABLE")
    await pair.clock.advance(1)
    assert.equal(attempts.at.length, 2)
    assert.equal(call.error?.message, "attempt 1")
  })

  it("54. a failure that takes the last tokens ends the call at once, whatever the pushback", async () => {
    const attempts = new Attempts()
    await using pair = retryPair(
      { say: attempts.say },
      { ...armed, config: { retryThrottling: { maxTokens: 2, tokenRatio: 0.1 } } },
    )
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    attempts.fail(0, "UNAVAILABLE", "3000")
    await pair.clock.advance(1)
    assert.equal(call.error?.message, "attempt 0")
  })

  it("54. with half of the tokens gone no further attempts are made; the call ends when none is left", async () => {
    const attempts = new Attempts()
    await using pair = retryPair(
      { say: attempts.say },
      { ...armed, config: { retryThrottling: { maxTokens: 2, tokenRatio: 0.1 } } },
    )
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(100)
    attempts.fail(0, "UNAVAILABLE")
    await pair.clock.advance(10_000)
    assert.equal(attempts.at.length, 1)
    assert.equal(call.error?.code, "UNAVAILABLE")
    assert.equal(pair.tokens(), 1)
    const second = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(10_000)
    assert.equal(attempts.at.length, 2, "the second call has its first attempt and no hedge")
    attempts.answer(1, "late")
    await pair.clock.advance(1)
    assert.deepEqual(second.value, { text: "late" })
  })

  it("54. with more than half of the tokens left goes on; what is not fatal costs one, and what is fatal none", async () => {
    const attempts = new Attempts()
    await using pair = retryPair(
      { say: attempts.say },
      { ...armed, config: { retryThrottling: { maxTokens: 10, tokenRatio: 0.1 } } },
    )
    const call = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1_500)
    assert.equal(attempts.at.length, 2)
    attempts.fail(0, "UNAVAILABLE")
    await pair.clock.advance(1)
    assert.equal(pair.tokens(), 9)
    assert.equal(attempts.at.length, 3)
    attempts.fail(1, "INVALID_ARGUMENT")
    await pair.clock.advance(1)
    assert.equal(pair.tokens(), 9)
    assert.equal(call.error?.code, "INVALID_ARGUMENT")
    const second = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    attempts.fail(3, "INVALID_ARGUMENT", "-1")
    await pair.clock.advance(1)
    assert.equal(second.error?.code, "INVALID_ARGUMENT")
    assert.equal(pair.tokens(), 8, "the server has asked for no more")
  })

  it("54. a call that waits for its next attempt ends with its last failure when there are no tokens left by then", async () => {
    const attempts = new Attempts()
    await using pair = retryPair(
      { say: attempts.say },
      { ...armed, config: { retryThrottling: { maxTokens: 4, tokenRatio: 0.1 } } },
    )
    const alone = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    attempts.fail(0, "UNAVAILABLE", "3000")
    await pair.clock.advance(1)
    const accompanied = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    const other = new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    attempts.fail(2, "UNAVAILABLE", "-1")
    await pair.clock.advance(1)
    assert.equal(pair.tokens(), 2)
    assert.equal(other.error?.message, "attempt 2")
    await pair.clock.advance(10_000)
    assert.equal(attempts.at.length, 3)
    assert.equal(alone.error?.message, "attempt 0")
    assert.equal(alone.error?.attempts, 1)
    assert.ok(accompanied.pending, "its first attempt is still under way")
    attempts.answer(1, "there")
    await pair.clock.advance(1)
    assert.deepEqual(accompanied.value, { text: "there" })
  })

  it("begins no attempt once one has failed for good as it began", async () => {
    const tracer = new NotingTracer()
    await using pair = retryPair(
      {},
      {
        method: { hedgingPolicy: { maxAttempts: 4 } },
        connectError: () => new Error("refused"),
        channel: { tracers: [tracer] },
      },
    )
    new Watched(pair.client.say({ text: "" }))
    await pair.clock.advance(1)
    assert.equal(pair.channel.state, "TRANSIENT_FAILURE")
    tracer.client.length = 0
    const call = new Watched(pair.client.say({ text: "" }))
    await settled()
    assert.equal(call.error?.code, "UNAVAILABLE")
    assert.deepEqual(
      tracer.client.filter((line) => line.startsWith("attempt")),
      ["attempt 1"],
    )
  })

  it("the deadline ends all attempts", async () => {
    const attempts = new Attempts()
    await using pair = retryPair({ say: attempts.say }, armed)
    const call = new Watched(pair.client.say({ text: "" }, { timeoutMs: 1_500 }))
    await pair.clock.advance(5_000)
    assert.equal(call.error?.code, "DEADLINE_EXCEEDED")
    assert.match(call.error!.message, /^the deadline passed at in-memory:\d+/)
    assert.equal(attempts.at.length, 2)
    assert.deepEqual(attempts.cancelled, [true, true])
    assert.equal(pair.kept(), 0)
  })

  it("requests reach all attempts until one has answered, and then that one alone", async () => {
    const got: string[][] = []
    const gates: (() => void)[] = []
    await using pair = retryPair(
      {
        async *chat(requests) {
          const texts: string[] = []
          got.push(texts)
          const opened = new Promise<void>((resolve) => gates.push(resolve))
          for await (const { text } of requests) {
            texts.push(text)
            if (texts.length === 1) await opened
            yield { text }
          }
        },
      },
      armed,
    )
    const chat = pair.client.chat()
    await chat.write({ text: "a" })
    await pair.clock.advance(1_500)
    await chat.write({ text: "b" })
    await pair.clock.advance(10)
    assert.equal(got.length, 2)
    assert.ok(pair.kept() > 0)
    gates[1]!()
    await pair.clock.advance(10)
    assert.equal(pair.kept(), 0)
    await chat.write({ text: "c" })
    chat.end()
    assert.deepEqual(await textsOf(chat), ["a", "b", "c"])
    assert.deepEqual(got[1], ["a", "b", "c"])
    assert.ok(!got[0]!.includes("c"))
  })

  it("requests that outgrow the buffer go on by the attempt that has sent most", async () => {
    let attempts = 0
    const totals: number[] = []
    await using pair = retryPair(
      {
        async gather(requests) {
          const index = attempts++
          const texts = await textsOf(requests)
          totals[index] = texts.length
          return { text: `${index}` }
        },
      },
      { ...armed, channel: { maxRetryBytesPerCall: 50 } },
    )
    const call = pair.client.gather()
    await call.write({ text: "0123456789" })
    await pair.clock.advance(2_500)
    assert.equal(attempts, 3)
    for (let i = 0; i < 9; i++) await call.write({ text: "0123456789" })
    assert.equal(pair.kept(), 0)
    call.end()
    const response = new Watched(call.response)
    await pair.clock.advance(1)
    assert.deepEqual(response.value, { text: "0" })
    assert.equal(totals[0], 10)
  })
})

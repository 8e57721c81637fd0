import assert from "node:assert/strict"
import { it } from "node:test"
import { array, asyncProperty, boolean, constantFrom, nat, option, assert as property, record } from "fast-check"
import { Metadata } from "../core/metadata.js"
import { type ErrorStatusCode, statusCodes } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import type { ServerContext } from "../server/context.js"
import type { Servicer } from "../server/servicer.js"
import { withoutUnhandledRejections } from "../test-support/outcome.js"
import type { Parrot, Text } from "../test-support/parrot.js"
import { hedgingPolicy, type RetryPair, retryPair, retryPolicy } from "../test-support/retry-pair.js"

/** What a server does with one attempt. */
interface Act {
  readonly end: "OK" | "UNAVAILABLE" | "ABORTED" | "NOT_FOUND" | "hang"
  /** Requests read before it. */
  readonly reads: number
  /** Responses sent before it, of the kinds that stream them. */
  readonly sends: number
  readonly afterMs: number
  readonly pushback: string | undefined
}

interface Plan {
  readonly kind: "say" | "gather" | "repeat" | "chat"
  readonly startMs: number
  readonly requests: number
  readonly size: number
  readonly acts: readonly Act[]
  readonly timeoutMs: number
  readonly cancelMs: number | undefined
}

const act = record<Act>({
  end: constantFrom("OK", "UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE", "ABORTED", "NOT_FOUND", "hang"),
  reads: constantFrom(0, 1, 3, 100),
  sends: constantFrom(0, 0, 0, 1, 3),
  afterMs: constantFrom(0, 0, 10, 700, 1_500),
  pushback: constantFrom(undefined, undefined, undefined, "0", "400", "-1", "x"),
})

const plan = record<Plan>({
  kind: constantFrom("say", "gather", "repeat", "chat"),
  startMs: nat(3_000),
  requests: nat(8),
  size: constantFrom(8, 50, 900, 40_000),
  acts: array(act, { minLength: 1, maxLength: 7 }),
  timeoutMs: constantFrom(60_000, 60_000, 60_000, 2_500, 100),
  cancelMs: option(nat(4_000), { nil: undefined, freq: 6 }),
})

const scenario = record({
  plans: array(plan, { minLength: 1, maxLength: 12 }),
  hedging: boolean(),
  callBytes: constantFrom(262_144, 2_000, 100),
  channelBytes: constantFrom(16_777_216, 100_000, 500),
  throttled: boolean(),
  chance: constantFrom(0, 0.3, 0.9),
  cutsMs: array(nat(6_000), { maxLength: 4 }),
})

it("whatever servers and networks do, a call ends once, in order, and nothing is kept", async () => {
  await withoutUnhandledRejections(async () => {
    await property(
      asyncProperty(scenario, async ({ plans, hedging, callBytes, channelBytes, throttled, chance, cutsMs }) => {
        const theatre = new Theatre(plans, channelBytes)
        await using pair = retryPair(theatre.servicer, {
          method: hedging ? { hedgingPolicy } : { retryPolicy },
          channel: { maxRetryBytesPerCall: callBytes, maxRetryBytesPerChannel: channelBytes },
          ...(throttled ? { config: { retryThrottling: { maxTokens: 10, tokenRatio: 0.5 } } } : {}),
          random: () => chance,
        })
        theatre.pair = pair
        for (const ms of cutsMs) pair.clock.after(ms, () => pair.cut())
        const calls = plans.map((_, index) => theatre.play(index))
        await pair.clock.advance(200_000)
        assert.equal(theatre.ended, plans.length, "a call has not ended")
        await Promise.all(calls)
        assert.deepEqual(theatre.faults, [])
        assert.equal(pair.kept(), 0)
        assert.equal(pair.channel.retries.waiting.size, 0)
        assert.ok(pair.clock.holds <= 1, `${pair.clock.holds} hold the process`)
      }),
      { numRuns: 150 },
    )
  })
})

/** Acts the plans out on both sides, and takes note of all that is not as it should be. */
class Theatre {
  pair!: RetryPair
  ended = 0
  readonly faults: string[] = []
  readonly servicer: Servicer<typeof Parrot>
  private readonly plans: readonly Plan[]
  private readonly memory: number
  /** Attempts that have come, by call. */
  private readonly attempts: number[]

  /** @param memory bytes that all calls may keep */
  constructor(plans: readonly Plan[], memory: number) {
    this.plans = plans
    this.memory = memory
    this.attempts = plans.map(() => 0)
    this.servicer = {
      say: (request, context) => this.answer(context, only(request)),
      gather: (requests, context) => this.answer(context, requests),
      repeat: (request, context) => this.stream(context, only(request)),
      chat: (requests, context) => this.stream(context, requests),
    }
  }

  private async answer(context: ServerContext, requests: AsyncIterable<Text>): Promise<Text> {
    const { act, attempt } = await this.enter(context, requests)
    if (act.end === "OK") return { text: `${attempt}:0` }
    return this.fail(act, context)
  }

  private async *stream(context: ServerContext, requests: AsyncIterable<Text>): AsyncGenerator<Text> {
    const { act, attempt } = await this.enter(context, requests)
    for (let i = 0; i < act.sends; i++) yield { text: `${attempt}:${i}` }
    if (act.end !== "OK") await this.fail(act, context)
  }

  /** An attempt has come: looks at its requests as far as its act wants to. */
  private async enter(context: ServerContext, requests: AsyncIterable<Text>): Promise<{ act: Act; attempt: number }> {
    const index = Number(context.metadata.get("call"))
    const plan = this.plans[index]!
    const attempt = this.attempts[index]!++
    const act = plan.acts[Math.min(attempt, plan.acts.length - 1)]!
    if (this.pair.kept() > this.memory) this.faults.push(`${this.pair.kept()} bytes are kept`)
    if (attempt >= 5) this.faults.push(`call ${index}: attempt ${attempt}`)
    let read = 0
    const wanted = plan.kind === "say" || plan.kind === "repeat" ? 1 : plan.requests
    for await (const { text } of requests) {
      if (text !== requestText(plan, read)) this.faults.push(`call ${index}: request ${read} is ${text.slice(0, 9)}`)
      if (++read > wanted) this.faults.push(`call ${index}: ${read} requests of ${wanted}`)
      if (read >= act.reads) break
    }
    if (read < Math.min(act.reads, wanted) && !context.cancelled) {
      this.faults.push(`call ${index}: only ${read} requests of ${wanted}`)
    }
    await new Promise<void>((resolve) => this.pair.clock.after(act.afterMs, resolve))
    return { act, attempt }
  }

  private async fail(act: Act, context: ServerContext): Promise<never> {
    if (act.end === "hang") {
      await new Promise<void>((resolve) => {
        if (context.signal.aborted) resolve()
        context.signal.addEventListener("abort", () => resolve())
      })
      throw new StatusError("INTERNAL", "nobody hears this")
    }
    const trailers = new Metadata(act.pushback === undefined ? {} : { "grpc-retry-pushback-ms": act.pushback })
    throw new StatusError(act.end as ErrorStatusCode, "as planned", { trailers })
  }

  /** One call, on the client, to its end. */
  async play(index: number): Promise<void> {
    const plan = this.plans[index]!
    const { clock, client } = this.pair
    await new Promise<void>((resolve) => clock.after(plan.startMs, resolve))
    const abortion = new AbortController()
    if (plan.cancelMs !== undefined) clock.after(plan.cancelMs, () => abortion.abort())
    const options = { timeoutMs: plan.timeoutMs, signal: abortion.signal, metadata: { call: String(index) } }
    const requests = Array.from({ length: plan.requests }, (_, i) => ({ text: requestText(plan, i) }))
    const first = { text: requestText(plan, 0) }
    try {
      switch (plan.kind) {
        case "say":
          this.judge(index, [(await client.say(first, options)).text])
          break
        case "gather":
          this.judge(index, [(await client.gather(requests, options)).text])
          break
        case "repeat":
          await this.readAll(index, client.repeat(first, options))
          break
        case "chat":
          await this.readAll(index, client.chat(requests, options))
      }
    } catch (error) {
      if (!(error instanceof StatusError) || !Object.hasOwn(statusCodes, error.code)) this.faults.push(String(error))
      else if (!(error.attempts! >= 1 && error.attempts! <= 5)) this.faults.push(`${error.attempts} attempts`)
    }
    this.ended++
  }

  private async readAll(index: number, responses: AsyncIterable<Text>): Promise<void> {
    const texts: string[] = []
    try {
      for await (const { text } of responses) texts.push(text)
    } finally {
      this.judge(index, texts)
    }
  }

  /** All of one attempt, in order, from the first on. */
  private judge(index: number, texts: readonly string[]): void {
    const attempt = texts[0]?.split(":")[0]
    const due = texts.map((_, i) => `${attempt}:${i}`)
    if (texts.join() !== due.join()) this.faults.push(`call ${index}: responses ${texts.join()}`)
  }
}

function requestText(plan: Plan, index: number): string {
  return `${index}|`.padEnd(plan.size, "x")
}

async function* only(request: Text): AsyncGenerator<Text> {
  yield request
}

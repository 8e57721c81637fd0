import { type Client, StatusError } from "farcall"
import type { Parrot, Text } from "../../../packages/farcall/dist/test-support/parrot.js"
import type { Random } from "../random.js"
import { type Behaviour, behaviours, repeated, summaryOf } from "./restless-server.js"

type ParrotClient = Client<typeof Parrot>

/** One call, by chance: what the handler does, and what the client does to it meanwhile. */
interface Plan {
  readonly kind: "say" | "gather" | "repeat" | "chat"
  readonly behaviour: Behaviour
  readonly messages: number
  readonly size: number
  readonly cancelAfterMs: number | undefined
  readonly timeoutMs: number
  /** After how many responses the loop is left. */
  readonly leaveAfter: number
}

const kinds = ["say", "gather", "repeat", "chat"] as const
const sizes = [0, 5, 100, 3000, 40_000, 300_000]

/** Makes calls, and checks of each that it ends once, as it may, with what was sent. */
export class Calls {
  readonly faults: string[] = []
  readonly #random: Random
  readonly #signal: AbortSignal
  readonly #ends = new Map<string, number>()
  readonly #kinds = new Map<string, number>()
  #messages = 0

  /** @param signal one that is never aborted, and that many calls are given */
  constructor(random: Random, signal: AbortSignal) {
    this.#random = random
    this.#signal = signal
  }

  async one(client: ParrotClient): Promise<void> {
    const plan = this.#plan()
    const abortion = plan.cancelAfterMs === undefined ? undefined : new AbortController()
    const timer = abortion && setTimeout(() => abortion.abort(), plan.cancelAfterMs)
    let ends = 0
    const options = {
      timeoutMs: plan.timeoutMs,
      signal: abortion?.signal ?? (this.#random.oneIn(3) ? this.#signal : undefined),
      metadata: { behaviour: plan.behaviour },
      waitForReady: !this.#random.oneIn(4),
      onTrailer: () => void ends++,
    }
    let code: string
    try {
      code = await this.#perform(client, plan, options)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      code = error.code
      if (!mayEnd(plan).has(code)) this.#fault(plan, `ended ${code}: ${error.message}`)
    }
    clearTimeout(timer)
    if (ends > 1) this.#fault(plan, `was told of its end ${ends} times`)
    count(this.#ends, code)
    count(this.#kinds, plan.kind)
    // Who does not wait for a connection does not ask at every turn whether there is one.
    if (code === "UNAVAILABLE") await new Promise((resolve) => setTimeout(resolve, 20))
  }

  report(): string[] {
    const list = (counts: Map<string, number>): string =>
      [...counts]
        .sort((a, b) => b[1] - a[1])
        .map(([name, count]) => `${count} ${name}`)
        .join(", ")
    const total = [...this.#kinds.values()].reduce((sum, count) => sum + count, 0)
    return [`${total} calls: ${list(this.#kinds)}`, `ended: ${list(this.#ends)}`, `${this.#messages} messages received`]
  }

  async #perform(client: ParrotClient, plan: Plan, options: object): Promise<string> {
    switch (plan.kind) {
      case "say": {
        const text = textOf(plan, 0)
        const answer = await client.say({ text }, options)
        this.#messages++
        if (answer.text !== text) this.#fault(plan, "the answer is another text")
        return "OK"
      }
      case "gather": {
        const answer = await client.gather(requestsOf(plan), options)
        const read = plan.behaviour === "stop-reading" ? Math.min(1, plan.messages) : plan.messages
        const expected = summaryOf(Array.from({ length: read }, (_, i) => textOf(plan, i)))
        if (answer.text !== expected) this.#fault(plan, `sent ${expected}, received ${answer.text}`)
        return "OK"
      }
      case "repeat": {
        const asked = `${plan.messages} ${plan.size}`
        const call = client.repeat({ text: asked }, options)
        return this.#read(
          plan,
          call,
          [...repeated(asked)].map(({ text }) => text),
        )
      }
      case "chat": {
        const call = client.chat(requestsOf(plan), options)
        return this.#read(
          plan,
          call,
          Array.from({ length: plan.messages }, (_, i) => textOf(plan, i)),
        )
      }
    }
  }

  /** Reads responses, which must be those expected, in order, up to where the call ends. */
  async #read(
    plan: Plan,
    call: AsyncIterable<Text> & { readonly status: Promise<{ readonly code: string }> },
    expected: readonly string[],
  ): Promise<string> {
    let read = 0
    let left = false
    try {
      for await (const { text } of call) {
        this.#messages++
        if (text !== expected[read]) this.#fault(plan, `response ${read} is another one`)
        if (++read > plan.leaveAfter) {
          left = true
          break
        }
      }
    } catch (error) {
      const status = await call.status
      if (error instanceof StatusError && status.code !== error.code) {
        this.#fault(plan, `threw ${error.code}, and its status is ${status.code}`)
      }
      throw error
    }
    const { code } = await call.status
    if (left) {
      if (code !== "CANCELLED" && code !== "OK" && !mayEnd(plan).has(code))
        this.#fault(plan, `was left, and ended ${code}`)
      return `${code} when left`
    }
    const wanted = plan.behaviour === "stop-reading" ? Math.min(1, expected.length) : expected.length
    if (read !== wanted) this.#fault(plan, `${read} of ${wanted} responses came, and it ended ${code}`)
    return code
  }

  #plan(): Plan {
    const random = this.#random
    const behaviour = random.pick(behaviours)
    const size = random.pick(sizes)
    return {
      kind: random.pick(kinds),
      behaviour,
      messages: random.below(size > 10_000 ? 6 : 20),
      size,
      cancelAfterMs: random.oneIn(4) ? random.below(60) : undefined,
      timeoutMs: behaviour === "hang" || random.oneIn(5) ? 1 + random.below(100) : 30_000,
      leaveAfter: random.oneIn(4) ? random.below(5) : Number.POSITIVE_INFINITY,
    }
  }

  #fault(plan: Plan, what: string): void {
    this.faults.push(`${JSON.stringify(plan)} ${what}`)
  }
}

/** The codes that a call may end with but for OK. A connection may be lost under each. */
function mayEnd({ behaviour, cancelAfterMs, timeoutMs }: Plan): ReadonlySet<string> {
  const codes = new Set(["UNAVAILABLE"])
  if (cancelAfterMs !== undefined) codes.add("CANCELLED")
  // The server's clock may be the faster one: it resets the stream at the same instant.
  if (timeoutMs <= 100) codes.add("DEADLINE_EXCEEDED").add("CANCELLED")
  if (behaviour === "fail") codes.add("NOT_FOUND")
  if (behaviour === "throw") codes.add("UNKNOWN")
  return codes
}

function textOf({ size }: Plan, index: number): string {
  return `${index}:`.padEnd(size, String(index % 10))
}

async function* requestsOf(plan: Plan): AsyncGenerator<Text> {
  for (let i = 0; i < plan.messages; i++) {
    if (i % 5 === 4) await new Promise((resolve) => setImmediate(resolve))
    yield { text: textOf(plan, i) }
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

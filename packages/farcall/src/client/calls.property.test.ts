import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { array, asyncProperty, constantFrom, nat, assert as property, record } from "fast-check"
import { StatusError } from "../core/status-error.js"
import { globalTracers } from "../core/tracers.js"
import { TallyingTracer } from "../test-support/noting-tracer.js"
import { type OpenPair, openPair } from "../test-support/open-pair.js"
import { until, withoutUnhandledRejections } from "../test-support/outcome.js"
import type { Text } from "../test-support/parrot.js"

/** Turns of the event loop: what a step of a call takes. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

interface Plan {
  readonly kind: "say" | "gather" | "repeat" | "chat"
  /** How many requests there are, of the kinds that stream them. */
  readonly messages: number
  readonly size: number
  readonly handler: "answers" | "fails" | "throws" | "stops reading" | "cannot encode" | "hangs"
  readonly client: "waits" | "cancels" | "has a deadline" | "leaves"
  readonly after: number
}

const plans = array(
  record<Plan>({
    kind: constantFrom("say", "gather", "repeat", "chat"),
    messages: nat(6),
    size: constantFrom(0, 10, 3_000, 40_000),
    handler: constantFrom("answers", "fails", "throws", "stops reading", "cannot encode", "hangs"),
    client: constantFrom("waits", "waits", "cancels", "has a deadline", "leaves"),
    after: nat(12),
  }),
  { minLength: 1, maxLength: 25 },
)

/** What a handler is to do is told it by its request's metadata. */
function behave(name: string): void {
  if (name === "fails") throw new StatusError("NOT_FOUND", "as planned")
  if (name === "throws") throw new Error("as planned")
}

function textOf(plan: Plan): string {
  return `${plan.handler}|`.padEnd(plan.size, "x")
}

async function serve(name: string, left: number): Promise<Text> {
  await turns(left % 3)
  behave(name)
  if (name === "hangs") return new Promise(() => {})
  return { text: name === "cannot encode" ? "!" : "fine" }
}

function pairOf(transport: "memory" | "tcp"): Promise<OpenPair> {
  return openPair(
    {
      say: ({ text }, context) => orUntilAborted(serve(text.split("|")[0]!, text.length), context.signal),
      async gather(requests, context) {
        const name = context.metadata.get("handler")!
        for await (const _ of requests) if (name === "stops reading") break
        return orUntilAborted(serve(name, 1), context.signal)
      },
      async *repeat({ text }, context) {
        const name = text.split("|")[0]!
        for (let i = 0; i < 4; i++) yield { text }
        yield await orUntilAborted(serve(name, 2), context.signal)
      },
      async *chat(requests, context) {
        const name = context.metadata.get("handler")!
        for await (const request of requests) {
          yield request
          if (name === "stops reading") return
        }
        yield await orUntilAborted(serve(name, 2), context.signal)
      },
    },
    transport,
  )
}

/** A handler that hangs lets go when its call is over, so that the end of all of them can be waited for. */
function orUntilAborted(answer: Promise<Text>, signal: AbortSignal): Promise<Text> {
  return new Promise((resolve, reject) => {
    const letGo = (): void => resolve({ text: "too late" })
    if (signal.aborted) letGo()
    else signal.addEventListener("abort", letGo)
    answer.then(resolve, reject)
  })
}

async function perform(plan: Plan, pair: OpenPair): Promise<string> {
  const { client } = pair
  const abortion = new AbortController()
  const hangs = plan.handler === "hangs"
  const options = {
    metadata: { handler: plan.handler },
    signal: abortion.signal,
    ...(plan.client === "has a deadline" || hangs ? { timeoutMs: 20 } : {}),
  }
  if (plan.client === "cancels") void turns(plan.after).then(() => abortion.abort())
  const text = textOf(plan)
  const requests = async function* (): AsyncGenerator<Text> {
    for (let i = 0; i < plan.messages; i++) {
      if (i % 2 === 1) await turns(1)
      yield { text }
    }
  }
  const read = async (responses: AsyncIterable<Text>): Promise<void> => {
    let count = 0
    for await (const _ of responses) if (plan.client === "leaves" && ++count > plan.after % 4) return
  }
  try {
    if (plan.kind === "say") await client.say({ text }, options)
    else if (plan.kind === "gather") await client.gather(requests(), options)
    else if (plan.kind === "repeat") await read(client.repeat({ text }, options))
    else await read(client.chat(requests(), options))
    return "OK"
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error))
    return error.code
  }
}

function allowed(plan: Plan): string[] {
  const codes = plan.client === "leaves" ? ["OK"] : []
  if (plan.client === "cancels") codes.push("CANCELLED")
  if (plan.client === "has a deadline" || plan.handler === "hangs") codes.push("DEADLINE_EXCEEDED")
  // The server's clock may have been the faster one.
  if (plan.client === "has a deadline" || plan.handler === "hangs") codes.push("CANCELLED")
  if (plan.handler === "fails") codes.push("NOT_FOUND")
  else if (plan.handler === "throws") codes.push("UNKNOWN")
  else if (plan.handler === "cannot encode") codes.push("INTERNAL")
  else if (plan.handler !== "hangs") codes.push("OK")
  return codes
}

for (const transport of ["memory", "tcp"] as const) {
  describe(`calls over ${transport}`, () => {
    it("all end as they may, whatever each side does when, leave nothing behind, and are traced to one end", async () => {
      const tally = new TallyingTracer()
      const removeTally = globalTracers.add(tally)
      await withoutUnhandledRejections(async () => {
        await property(
          asyncProperty(plans, async (list) => {
            await using pair = await pairOf(transport)
            const outcomes = await Promise.all(list.map((plan) => perform(plan, pair)))
            for (const [i, plan] of list.entries()) {
              assert.ok(allowed(plan).includes(outcomes[i]!), `${JSON.stringify(plan)} ended ${outcomes[i]}`)
            }
            const idle = (): boolean => {
              const { client, server } = pair.counters()
              return (
                client.inboundHeld + client.outboundQueued + client.openStreams === 0 &&
                server.inboundHeld + server.outboundQueued + server.openStreams + server.runningHandlers === 0
              )
            }
            await until(idle, "quiet on both sides")
            assert.deepEqual([tally.open, tally.failure], [0, undefined])
          }),
          { numRuns: transport === "memory" ? 30 : 15 },
        )
      }).finally(removeTally)
      assert.ok(tally.begun > 0)
    })
  })
}

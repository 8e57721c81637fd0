import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { array, asyncProperty, constantFrom, nat, assert as property, record } from "fast-check"
import type { StatusCode } from "../../core/status.js"
import { StatusError } from "../../core/status-error.js"
import { until, withoutUnhandledRejections } from "../../test-support/outcome.js"
import type { Text } from "../../test-support/parrot.js"
import { WorkerScene } from "../../test-support/worker-scene.js"

const orders = ["echo a", "echo b", "slow 5", "throw", "abort no", "unwritable", "wait", "exit", "crash", "crashLater"]

interface Plan {
  readonly kind: "say" | "gather" | "repeat" | "chat"
  readonly order: string
  readonly size: number
  readonly client: "waits" | "cancels" | "has a deadline" | "leaves"
  readonly after: number
}

const plans = array(
  record<Plan>({
    kind: constantFrom("say", "gather", "repeat", "chat"),
    // Deaths are dear: a thread takes its time to start.
    order: constantFrom(...orders, ...orders.slice(0, 7), ...orders.slice(0, 7)),
    size: constantFrom(0, 10, 3_000, 40_000),
    client: constantFrom("waits", "waits", "cancels", "has a deadline", "leaves"),
    after: nat(12),
  }),
  { minLength: 1, maxLength: 25 },
)

const deadly = new Set(["exit", "crash", "crashLater"])
const threads = 3
const maxQueuedCalls = 15

/** How the call may end that an order leads to, by the way of its client and the company it is in. */
function endingsOf({ order, client }: Plan, all: readonly Plan[], deaths: boolean): ReadonlySet<StatusCode> {
  const codes: StatusCode[] = []
  if (order === "unwritable" || deaths) codes.push("INTERNAL")
  if (all.length > threads + maxQueuedCalls) codes.push("RESOURCE_EXHAUSTED")
  if (client === "cancels" || client === "leaves") codes.push("CANCELLED")
  if (client === "has a deadline" || order === "wait") codes.push("DEADLINE_EXCEEDED")
  if (order === "throw") codes.push("UNKNOWN")
  else if (order === "abort no") codes.push("FAILED_PRECONDITION")
  else if (order !== "exit" && order !== "crash" && order !== "unwritable" && order !== "wait") codes.push("OK")
  // One that leaves has seen no more than it asked for.
  if (client === "leaves") codes.push("OK")
  return new Set(codes)
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Makes a planned call, and says how it ended. */
async function make(scene: WorkerScene, plan: Plan): Promise<StatusCode> {
  const { client } = scene
  const aborting = new AbortController()
  const options = {
    signal: aborting.signal,
    timeoutMs: plan.client === "has a deadline" ? plan.after : plan.order === "wait" ? 50 : undefined,
  }
  if (plan.client === "cancels") void turns(plan.after).then(() => aborting.abort())
  const text = "x".repeat(plan.size)
  const requests = [{ text }, { text }, { text: `do ${plan.order}` }]
  try {
    if (plan.kind === "say") await client.say({ text: plan.order }, options)
    else if (plan.kind === "gather") await client.gather(requests, options)
    else {
      const responses: AsyncIterable<Text> =
        plan.kind === "repeat"
          ? client.repeat({ text: `${plan.after} ${plan.size} ${plan.order}` }, options)
          : client.chat(requests, options)
      for await (const _ of responses) if (plan.client === "leaves") break
    }
    return "OK"
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error))
    return error.code
  }
}

interface Inside {
  readonly threads: ReadonlySet<{ readonly state: string }>
  readonly idle: readonly unknown[]
  readonly running: ReadonlyMap<unknown, unknown>
  readonly waiting: ReadonlySet<unknown>
}

describe("any mix of calls, cancels and deaths", () => {
  let scene: WorkerScene
  before(async () => {
    scene = await WorkerScene.open({ workers: threads, maxQueuedCalls })
  })
  after(() => scene[Symbol.asyncDispose]())

  it("ends each call in one status that fits, and leaves the pool whole", async () => {
    const inside = scene.pool as unknown as Inside
    // One that dies later may do so when the next calls are running.
    let deathsBefore = false
    const run = asyncProperty(plans, async (all) => {
      const deaths = all.some(({ order }) => deadly.has(order))
      const ended = await Promise.all(all.map((plan) => make(scene, plan)))
      for (const [i, code] of ended.entries()) {
        assert.ok(endingsOf(all[i]!, all, deaths || deathsBefore).has(code), `${JSON.stringify(all[i])} ended ${code}`)
      }
      deathsBefore = deaths
      await until(() => inside.idle.length === threads, "the pool is whole")
      assert.equal(inside.threads.size, threads)
      assert.equal(inside.running.size, 0)
      assert.equal(inside.waiting.size, 0)
    })
    await withoutUnhandledRejections(() => property(run, { numRuns: 15 }))
    assert.equal(await scene.ask("echo whole"), "whole")
  })
})

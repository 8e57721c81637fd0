import assert from "node:assert/strict"
import { test } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import { ErrorCode } from "@farcall/http2"
import fc from "fast-check"
import { Parrot } from "../test-support/parrot.js"
import { dialRaw, okFields, responseFields } from "../test-support/raw-ends.js"
import { framed, textsIn } from "../test-support/raw-peer.js"
import { createClient } from "./client.js"

interface Plan {
  /** Lengths of its requests. */
  readonly requests: readonly number[]
  /** Turns of the event loop between them. */
  readonly pauses: readonly number[]
  /** The server refuses its first stream in so many turns; `undefined`: not at all. */
  readonly refusedIn: number | undefined
}

const plan: fc.Arbitrary<Plan> = fc.record({
  requests: fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 9_000 })), { maxLength: 6 }),
  pauses: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 }),
  refusedIn: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
})

test("51. streams that are refused once at any point are all answered, each with all its requests, in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 8 }), async (plans) => {
      const refused = new Set<string>()
      await using under = dialRaw((peer) => {
        peer.onRequest = async (raw) => {
          const index = raw.headers!.get("x-plan")!
          const { refusedIn } = plans[Number(index)]!
          if (refusedIn !== undefined && !refused.has(index)) {
            refused.add(index)
            for (let i = 0; i < refusedIn; i++) await turn()
            peer.connection.reset(raw.stream, ErrorCode.REFUSED_STREAM)
            return
          }
          await peer.ended(raw)
          peer.send(raw, responseFields)
          peer.data(raw, framed(textsIn(raw.body).join(",")))
          peer.send(raw, okFields, true)
        }
      })
      const client = createClient(Parrot, under.channel)
      await Promise.all(
        plans.map(async ({ requests, pauses }, index) => {
          const texts = requests.map((length, i) => `${index}.${i}.`.padEnd(length, "x"))
          async function* all(): AsyncGenerator<{ text: string }> {
            for (const [i, text] of texts.entries()) {
              for (let pause = 0; pause < pauses[i]!; pause++) await turn()
              yield { text }
            }
          }
          const { text } = await client.gather(all(), { metadata: { "x-plan": String(index) } })
          assert.equal(text, texts.join(","))
        }),
      )
      assert.equal(under.channel.retries.memory.used, 0)
    }),
    { numRuns: 60 },
  )
})

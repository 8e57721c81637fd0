import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Interceptor } from "../core/interceptor.js"
import { limits } from "../core/limits.js"
import type { MessageQueue } from "../core/message-queue.js"
import { failureOf, Gate, until } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { createTestPair } from "../testing/test-pair.js"

/** As many empty messages as the window holds: five bytes each on the wire. */
const count = 50_000

function* many(of = count, odd = -1): Generator<Text> {
  for (let i = 0; i < of; i++) yield { text: i === odd ? "?" : i % 1000 === 7 ? String(i) : "" }
}

/** Lets all come that can. */
async function allHere(queue: () => MessageQueue<Text>): Promise<void> {
  let before = -1
  while (before !== queue().backlog) {
    before = queue().backlog
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

function expectedSum(): number {
  return [...many()].reduce((sum, { text }) => sum + Number(text), 0)
}

for (const transport of ["memory", "tcp"] as const) {
  describe(`messages that are small and many, over ${transport}`, () => {
    it("wait on a server as they came, but for the first, and are all there", async () => {
      const gate = new Gate()
      let queue: MessageQueue<Text> | undefined
      await using pair = await createTestPair(
        Parrot,
        {
          async gather(requests) {
            queue = requests as MessageQueue<Text>
            await gate.opened
            let read = 0
            let sum = 0
            for await (const { text } of requests) {
              read++
              sum += Number(text)
              assert.ok(queue.decoded <= limits.maxDecodedMessages)
            }
            return { text: `${read} ${sum}` }
          },
        },
        { transport },
      )
      const answer = pair.client.gather(many())
      await until(() => queue !== undefined, "the handler's start")
      await allHere(() => queue!)
      assert.ok(queue!.backlog > 200_000, `${queue!.backlog} bytes wait`)
      assert.equal(queue!.decoded, limits.maxDecodedMessages)
      gate.open()
      assert.equal((await answer).text, `${count} ${expectedSum()}`)
    })

    it("wait on a client in the same way", async () => {
      await using pair = await createTestPair(Parrot, { repeat: () => many() }, { transport })
      const call = pair.client.repeat({ text: "" })
      const queue = call[Symbol.asyncIterator]() as MessageQueue<Text>
      await until(() => queue.decoded > 0, "the first")
      await allHere(() => queue)
      assert.equal(queue.decoded, limits.maxDecodedMessages)
      let read = 0
      let sum = 0
      for await (const { text } of { [Symbol.asyncIterator]: () => queue }) {
        read++
        sum += Number(text)
      }
      assert.deepEqual([read, sum], [count, expectedSum()])
      assert.equal((await call.status).code, "OK")
    })

    it("wait for interceptors too", async () => {
      const gate = new Gate()
      const slow: Interceptor = (next) => async (call) => {
        await gate.opened
        return next(call)
      }
      const server = { interceptors: [slow] }
      const gather = async (requests: AsyncIterable<Text>): Promise<Text> => {
        let read = 0
        let sum = 0
        for await (const { text } of requests) {
          read++
          sum += Number(text)
        }
        return { text: `${read} ${sum}` }
      }
      await using pair = await createTestPair(Parrot, { gather }, { transport, server })
      const answer = pair.client.gather(many())
      await new Promise((resolve) => setTimeout(resolve, 100))
      gate.open()
      assert.equal((await answer).text, `${count} ${expectedSum()}`)
    })

    it("of which one cannot be read end the call when its turn comes", async () => {
      const gate = new Gate()
      let error: unknown
      await using pair = await createTestPair(
        Parrot,
        {
          async gather(requests) {
            await gate.opened
            try {
              for await (const _ of requests);
            } catch (reason) {
              error = reason
              throw reason
            }
            return { text: "all" }
          },
          repeat: () => many(3000, 2000),
        },
        { transport },
      )
      const answer = failureOf(pair.client.gather(many(3000, 2000)))
      await new Promise((resolve) => setTimeout(resolve, 100))
      gate.open()
      assert.equal((await answer).code, "INTERNAL")
      assert.match((await answer).message, /the request is no test\.Text/)
      await until(() => error !== undefined, "the handler's end")
      const call = pair.client.repeat({ text: "" })
      const queue = call[Symbol.asyncIterator]() as MessageQueue<Text>
      await allHere(() => queue)
      const reading = (async () => {
        for await (const _ of { [Symbol.asyncIterator]: () => queue });
      })()
      assert.equal((await failureOf(reading)).code, "INTERNAL")
    })
  })
}

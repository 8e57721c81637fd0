import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { echo } from "@farcall/example-echo/servicer.js"
import { createTestPair, type TestPair } from "farcall/testing"

const inLine = (): Promise<TestPair<typeof Echo>> => createTestPair(Echo, echo)
/** As many as the original has. */
const onThreads = (): Promise<TestPair<typeof Echo>> =>
  createTestPair(Echo, new URL("../worker.js", import.meta.url), { workers: 10 })

for (const [where, open] of Object.entries({ "in line": inLine, "on ten threads": onThreads })) {
  describe(`Echo ${where}`, () => {
    let pair: TestPair<typeof Echo>
    before(async () => {
      pair = await open()
    })
    after(() => pair.close())

    it("says back what it hears", async () => {
      const { message } = await pair.client.reply({ message: "Hello World!" })
      assert.equal(message, "You said: Hello World!")
    })

    it("answers ten callers at once, each with its own words", async () => {
      const words = Array.from({ length: 10 }, (_, caller) => `caller ${caller} 🗣`)
      const replies = await Promise.all(words.map((message) => pair.client.reply({ message })))
      assert.deepEqual(
        replies.map((reply) => reply.message),
        words.map((message) => `You said: ${message}`),
      )
    })
  })
}

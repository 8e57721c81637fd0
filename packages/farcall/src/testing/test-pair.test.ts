import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Parrot } from "../test-support/parrot.js"
import { createTestPair } from "./test-pair.js"

for (const transport of ["memory", "tcp", "tls"] as const) {
  describe(`a test pair over ${transport}`, () => {
    it("carries all four kinds of call", async () => {
      await using pair = await createTestPair(
        Parrot,
        {
          say: ({ text }) => ({ text: `${text}!` }),
          async gather(requests) {
            let text = ""
            for await (const request of requests) text += request.text
            return { text }
          },
          *repeat({ text }) {
            for (let i = 0; i < 3; i++) yield { text: text + i }
          },
          async *chat(requests) {
            for await (const { text } of requests) yield { text: text.toUpperCase() }
          },
        },
        { transport },
      )
      const { client } = pair
      assert.deepEqual(await client.say({ text: "hi" }), { text: "hi!" })
      assert.deepEqual(await client.gather([{ text: "a" }, { text: "b" }]), { text: "ab" })
      const repeated: string[] = []
      for await (const { text } of client.repeat({ text: "r" })) repeated.push(text)
      assert.deepEqual(repeated, ["r0", "r1", "r2"])
      const chat = client.chat()
      assert.equal(await chat.write({ text: "x" }), true)
      const replies: string[] = []
      for await (const { text } of chat) {
        replies.push(text)
        if (replies.length === 1) await chat.write({ text: "y" })
        else chat.end()
      }
      assert.deepEqual(replies, ["X", "Y"])
      assert.equal((await chat.status).code, "OK")
    })
  })
}

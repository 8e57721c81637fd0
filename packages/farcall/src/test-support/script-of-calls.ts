import { createTestPair } from "../testing/test-pair.js"
import { failureOf, textsOf } from "./outcome.js"
import { Parrot } from "./parrot.js"

/**
 * A program that makes calls of every kind, some of which fail, and then has nothing more to do: the process is to end
 * by itself, with nothing left open. It takes the transport as its argument, and says `done` at the end.
 */
const transport = process.argv[2] === "tcp" ? "tcp" : "memory"

const under = await createTestPair(
  Parrot,
  {
    say: ({ text }, context) =>
      text === "fail" ? context.abort("ABORTED", "as asked") : text === "hang" ? new Promise(() => {}) : { text },
    gather: async (requests) => ({ text: (await textsOf(requests)).join("") }),
    *repeat(request) {
      for (;;) yield request
    },
    chat: (requests) => requests,
  },
  { transport },
)
const { client } = under
await client.say({ text: "a" }, { timeoutMs: 600_000 })
await failureOf(client.say({ text: "fail" }))
await failureOf(client.say({ text: "hang" }, { timeoutMs: 30 }))
await client.gather([{ text: "a" }])
for await (const _ of client.repeat({ text: "a" })) break
const chat = client.chat({ timeoutMs: 600_000 })
await chat.write({ text: "a" })
chat.end()
await textsOf(chat)
void client.say({ text: "hang" }).catch(() => {})
await under.close()
console.log("done")

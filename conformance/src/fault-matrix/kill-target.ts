import { createServer } from "farcall"
import { Parrot, type Text } from "../../../packages/farcall/dist/test-support/parrot.js"

// A server that is to be killed: its calls never end by themselves. Prints its address.

/** Several frames long, so that most ends come in the middle of one. */
const large: Text = { text: "x".repeat(50_000) }

const server = createServer().add(Parrot, {
  say: () => new Promise<Text>(() => {}),
  async gather(requests) {
    for await (const _ of requests);
    return { text: "" }
  },
  async *repeat() {
    for (;;) yield large
  },
  async *chat(requests) {
    for await (const request of requests) yield request
  },
})
console.log((await server.listen("127.0.0.1:0")).toString())

import { createServer } from "farcall"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"

// The server that is attacked, in a process of its own: prints its port, then what it costs whenever it is asked.
const server = createServer({ onHandlerError: () => {} }).add(Parrot, {
  say: (request) => request,
  async gather(requests) {
    let count = 0
    for await (const _ of requests) count++
    return { text: String(count) }
  },
  async *chat(requests) {
    // A handler that does not hear that its call is over.
    await new Promise(() => {})
    yield* requests
  },
  async *repeat({ text }) {
    for (let i = 0; i < 16_000; i++) yield { text }
  },
})
const { port } = await server.listen("127.0.0.1:0")
process.send!({ port })
let most = 0
setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20)
process.on("message", () => {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const rss = process.memoryUsage().rss
  process.send!({ rss, most: Math.max(most, rss), cpuMs: (user + system) / 1000 })
  most = 0
})
process.on("disconnect", () => process.exit())

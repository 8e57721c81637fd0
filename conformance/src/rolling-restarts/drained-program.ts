import { createServer } from "farcall"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"

// A server that shuts down when it is told to (SIGTERM), with the grace that its first argument says, and then has nothing
// that would keep the process. Prints its address.

const graceMs = Number(process.argv[2])

const server = createServer().add(Parrot, {
  say: (request) => new Promise((resolve) => setTimeout(() => resolve(request), Number(request.text))),
  async *repeat(request, context) {
    while (!context.cancelled) {
      yield request
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  },
})
console.log((await server.listen("127.0.0.1:0")).toString())
process.once("SIGTERM", () => void server.shutdown({ graceMs }).then(() => console.log("drained")))

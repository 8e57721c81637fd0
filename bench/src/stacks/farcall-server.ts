import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { echo } from "@farcall/example-echo/servicer.js"
import { createServer, tls } from "farcall"
import { Greeter, type GreeterServicer } from "../gen/greeter_grpc.js"
import { Load, type LoadServicer } from "../gen/load_grpc.js"
import { certificate } from "./certificate.js"
import { largeMessages } from "./large-messages.js"
import { itemText, longestMessage, payloadLength } from "./load-client.js"

const payload = Buffer.alloc(payloadLength, "payload ")

const load: LoadServicer = {
  async *count({ items }) {
    for (let number = 0; number < items; number++) yield { number, text: itemText }
  },
  echoPayload: (request) => request,
  async *download({ items }) {
    for (let n = 0; n < items; n++) yield { data: payload }
  },
  async *hold(requests) {
    for await (const request of requests) yield request
  },
}

const greeter: GreeterServicer = {
  greet: ({ greeting }) => ({ greeting }),
}

const server = createServer({
  maxReceiveMessageLength: longestMessage,
  // As many as grpc-js takes without being asked.
  http2: { maxConcurrentStreams: 2 ** 31 - 1, ...(process.argv.includes("--large-messages") && largeMessages) },
})
server.add(Echo, echo).add(Greeter, greeter).add(Load, load)
const { cert, key } = certificate
const secured = process.argv.includes("--tls")
const { port } = await server.listen("127.0.0.1:0", secured ? { credentials: tls({ cert, key }) } : {})
console.log(`listening on ${port}`)
process.once("SIGTERM", () => server.shutdown({ graceMs: 0 }))
process.on("SIGUSR2", () => globalThis.gc?.())

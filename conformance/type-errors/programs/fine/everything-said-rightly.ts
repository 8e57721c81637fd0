// compiles

import { type Client, createChannel, createClient, createServer, type Servicer, StatusError, tls } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"
import { Greeter as Described, type HelloRequest, Tone } from "../gen/greeter_pb.js"

class Polite implements Servicer<typeof Greeter> {
  sayHello({ name, tone }: HelloRequest) {
    if (name === "") throw new StatusError("INVALID_ARGUMENT", "name is empty")
    return { message: tone === Tone.WARM ? `Dear ${name}!` : name }
  }
  *listGreetings({ name }: HelloRequest) {
    yield { message: name }
  }
  async recordNames(requests: AsyncIterable<HelloRequest>) {
    let count = 0
    for await (const _ of requests) count++
    return { count }
  }
  async *chat(requests: AsyncIterable<HelloRequest>) {
    for await (const { name } of requests) yield { message: name }
  }
}

const server = createServer({ interceptors: [(next) => (call) => next(call)] })
server.add(Greeter, new Polite())
server.add(Greeter, { sayHello: ({ name }) => ({ message: name }), listGreetings: () => [{ message: "Hi" }] })
server.add(Described, { sayHello: async ({ name }, { signal }) => ({ message: signal.aborted ? "" : name }) })
server.add(Greeter, new URL("worker.js", import.meta.url), { workers: 2 })
await server.listen("[::]:50051", { credentials: tls({ cert: "server.crt", key: "server.key" }) })

const client: Client<typeof Greeter> = createClient(Greeter, createChannel("localhost:50051"))
const { message } = await client.sayHello(
  {
    name: "Ada",
    id: 5n,
    home: { city: "London" },
    friends: [{ name: "Alan" }],
    reach: { case: "email", value: "a@b" },
  },
  { timeoutMs: 500, metadata: { key: ["a", "b"], "id-bin": new Uint8Array() } },
)
for await (const reply of client.listGreetings({ name: message })) console.log(reply.message)
const { count } = await client.recordNames([{ name: "Ada" }])
const chat = createClient(Described, createChannel("localhost:50051")).chat({ timeoutMs: 500 })
if (await chat.write({ name: String(count) })) chat.end()

// TS2339: Property 'name' does not exist on type 'AsyncIterable<HelloRequest>'.

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  recordNames: ({ name }) => ({ count: name.length }),
})

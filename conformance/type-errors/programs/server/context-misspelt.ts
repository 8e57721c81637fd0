// TS2551: Property 'metdata' does not exist on type 'ServerContext'. Did you mean 'metadata'?

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  sayHello: (_, context) => ({ message: context.metdata.get("name") ?? "" }),
})

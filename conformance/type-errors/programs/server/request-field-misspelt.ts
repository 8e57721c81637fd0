// TS2339: Property 'nmae' does not exist on type 'HelloRequest'.

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  sayHello: ({ nmae }) => ({ message: nmae }),
})

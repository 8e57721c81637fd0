// TS2345: Argument of type '"NOTFOUND"' is not assignable to parameter of type 'ErrorStatusCode'.

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  sayHello: (_, context) => context.abort("NOTFOUND", "nobody"),
})

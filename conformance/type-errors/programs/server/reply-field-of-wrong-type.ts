// TS2322: Type '() => { message: number; }' is not assignable to type … MessageInit<HelloReply>

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  sayHello: () => ({ message: 5 }),
})

// TS2322: Type '({ name }: HelloRequest) => void' is not assignable to type … MessageInit<HelloReply>

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  sayHello({ name }) {
    console.log(name)
  },
})

// TS2322: Type '() => Promise<{ message: number; }>' is not assignable to type … Promise<MessageInit<HelloReply>>

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  async sayHello() {
    return { message: 5 }
  },
})

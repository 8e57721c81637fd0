// TS2322: Type 'Promise<{ message: string; }[]>' is not assignable to type 'Responses<MessageInit<HelloReply>>'.

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  async listGreetings({ name }) {
    return [{ message: name }]
  },
})

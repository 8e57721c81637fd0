// TS2322: Type 'Generator<{ mesage: string; }, void, any>' is not assignable to type 'Responses<MessageInit<HelloReply>>'.

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  *listGreetings({ name }) {
    yield { mesage: name }
  },
})

// TS2322: Type '({ name }: HelloRequest) => { message: string; }' is not assignable to type … Responses<MessageInit<HelloReply>>'.

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  listGreetings: ({ name }) => ({ message: name }),
})

// TS2322: Type '({ name }: HelloRequest) => Generator<{ message: string; }, void, unknown>' is not assignable to type

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  *sayHello({ name }) {
    yield { message: name }
  },
})

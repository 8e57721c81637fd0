// TS2353: 'message' does not exist in type '(request: HelloRequest, context: ServerContext) =>

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, { sayHello: { message: "Hi" } })

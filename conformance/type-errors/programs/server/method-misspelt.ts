// TS2561: Object literal may only specify known properties, but 'sayHelo' does not exist in type 'Partial<Servicer<ServiceDefinition<GreeterMethods>>>'. Did you mean to write 'sayHello'?

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  sayHelo: () => ({ message: "Hi" }),
})

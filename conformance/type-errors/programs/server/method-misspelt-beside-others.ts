// TS2561: Object literal may only specify known properties, but 'listGreeting' does not exist in type 'Partial<Servicer<ServiceDefinition<GreeterMethods>>>'. Did you mean to write 'listGreetings'?

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  sayHello: ({ name }) => ({ message: name }),
  async *listGreeting({ name }) {
    yield { message: name }
  },
})

// TS2561: Object literal may only specify known properties, but 'sayHelo' does not exist in type 'Partial<Servicer<ServiceDefinition<GreeterMethods>>>'. Did you mean to write 'sayHello'?

import { serveWorker } from "farcall/worker"
import { Greeter } from "../gen/greeter_grpc.js"

serveWorker(Greeter, { sayHelo: () => ({ message: "Hi" }) })

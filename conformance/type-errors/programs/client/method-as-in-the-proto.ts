// TS2551: Property 'SayHello' does not exist on type 'Client<ServiceDefinition<GreeterMethods>>'. Did you mean 'sayHello'?

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.SayHello({ name: "Ada" })

// TS2551: Property 'sayHelo' does not exist on type 'Client<ServiceDefinition<GreeterMethods>>'. Did you mean 'sayHello'?

import { createTestPair } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

const { client } = await createTestPair(Greeter, {})
await client.sayHelo({ name: "Ada" })

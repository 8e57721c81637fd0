// TS2345: Argument of type 'string' is not assignable to parameter of type 'MessageInit<HelloRequest>'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello("Ada")

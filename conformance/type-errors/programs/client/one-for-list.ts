// TS2353: 'name' does not exist in type … MessageInit<HelloRequest>[]

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello({ friends: { name: "Alan" } })

// TS2353: Object literal may only specify known properties, and 'timeoutMs' does not exist in type 'MessageInit<HelloRequest>'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.listGreetings({ timeoutMs: 500 })

// TS2561: Object literal may only specify known properties, but 'timeout' does not exist in type 'CallOptions'. Did you mean to write 'timeoutMs'?

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello({ name: "Ada" }, { timeout: 500 })

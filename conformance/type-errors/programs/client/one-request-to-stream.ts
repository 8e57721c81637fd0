// TS2769: Object literal may only specify known properties, and 'name' does not exist in type 'CallOptions'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.recordNames({ name: "Ada" })

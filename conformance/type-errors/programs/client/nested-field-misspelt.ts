// TS2561: Object literal may only specify known properties, but 'citty' does not exist in type 'MessageInit<Place>'. Did you mean to write 'city'?

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello({ home: { citty: "London" } })

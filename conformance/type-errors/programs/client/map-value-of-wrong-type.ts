// TS2322: Type 'number' is not assignable to type 'string'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello({ labels: { a: 1 } })

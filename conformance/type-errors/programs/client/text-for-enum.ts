// TS2322: Type 'string' is not assignable to type 'Tone'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello({ tone: "WARM" })

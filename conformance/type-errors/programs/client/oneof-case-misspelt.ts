// TS2820: Type '"emial"' is not assignable to type '"email" | "phone"'. Did you mean '"email"'?

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello({ reach: { case: "emial", value: "a@b" } })

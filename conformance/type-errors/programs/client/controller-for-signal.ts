// TS2740: Type 'AbortController' is missing the following properties from type 'AbortSignal'

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello({ name: "Ada" }, { signal: new AbortController() })

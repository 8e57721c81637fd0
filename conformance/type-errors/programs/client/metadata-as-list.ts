// TS2322: Type 'string[]' is not assignable to type 'MetadataInit | undefined'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello({ name: "Ada" }, { metadata: ["a", "b"] })

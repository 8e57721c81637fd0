// TS2322: Type 'number' is not assignable to type … MetadataValue

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello({ name: "Ada" }, { metadata: { attempt: 1 } })

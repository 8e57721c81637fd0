// TS2769: Type '{ nmae: string; }[]' … CallOptions

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.recordNames([{ nmae: "Ada" }])

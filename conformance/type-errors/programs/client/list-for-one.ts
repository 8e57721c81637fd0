// TS2322: Type '{ city: string; }[]' is not assignable to type 'MessageInit<Place> | undefined'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

await client.sayHello({ home: [{ city: "London" }] })

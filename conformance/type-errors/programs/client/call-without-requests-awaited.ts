// TS2339: Property 'count' does not exist on type 'ClientStreamingCall<MessageInit<HelloRequest>, NameCount>'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

const { count } = await client.recordNames()
console.log(count)

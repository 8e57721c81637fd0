// TS2339: Property 'response' does not exist on type 'BidiStreamingCall<MessageInit<HelloRequest>, HelloReply>'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

console.log(await client.chat().response)

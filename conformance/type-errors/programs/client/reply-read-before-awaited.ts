// TS2339: Property 'message' does not exist on type 'Promise<HelloReply>'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

console.log(client.sayHello({ name: "Ada" }).message)

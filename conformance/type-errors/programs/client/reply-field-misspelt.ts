// TS2551: Property 'mesage' does not exist on type 'HelloReply'. Did you mean 'message'?

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

const reply = await client.sayHello({ name: "Ada" })
console.log(reply.mesage)

// TS2339: Property 'message' does not exist on type 'ServerStreamingCall<HelloReply>'.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

const { message } = await client.listGreetings({ name: "Ada" })
console.log(message)

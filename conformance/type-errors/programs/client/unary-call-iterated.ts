// TS2504: Type 'Promise<HelloReply>' must have a '[Symbol.asyncIterator]()' method that returns an async iterator.

import type { Client } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"

declare const client: Client<typeof Greeter>

for await (const reply of client.sayHello({ name: "Ada" })) console.log(reply)

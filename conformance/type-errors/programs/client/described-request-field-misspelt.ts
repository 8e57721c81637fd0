// TS2353: Object literal may only specify known properties, and 'nmae' does not exist in type 'MessageInit<HelloRequest>'.

import { createChannel, createClient } from "farcall"
import { Greeter } from "../gen/greeter_pb.js"

const client = createClient(Greeter, createChannel("localhost:50051"))
await client.sayHello({ nmae: "Ada" })

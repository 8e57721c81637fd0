// TS2561: Object literal may only specify known properties, but 'interceptor' does not exist in type 'ClientOptions'. Did you mean to write 'interceptors'?

import { createChannel, createClient } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

createClient(Greeter, createChannel("localhost:50051"), { interceptor: [] })

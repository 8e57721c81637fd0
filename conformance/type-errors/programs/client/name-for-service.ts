// TS2345: Argument of type 'string' is not assignable to parameter of type 'AnyService'.

import { createChannel, createClient } from "farcall"

createClient("greeter.Greeter", createChannel("localhost:50051"))

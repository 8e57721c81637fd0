// TS2345: Argument of type 'string' is not assignable to parameter of type 'Channel'.

import { createClient } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

createClient(Greeter, "localhost:50051")

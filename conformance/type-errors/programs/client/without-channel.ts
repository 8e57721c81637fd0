// TS2554: Expected 2-3 arguments, but got 1.

import { createClient } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

createClient(Greeter)

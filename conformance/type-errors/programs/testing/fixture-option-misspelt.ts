// TS2769: Type '"file"' is not assignable to type … "test"

import { useTestPair } from "farcall/testing/node"
import { Greeter } from "../gen/greeter_grpc.js"

useTestPair(Greeter, {}, { per: "file" })

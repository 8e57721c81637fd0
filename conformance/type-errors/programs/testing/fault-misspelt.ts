// TS2769: Type '"latencey"' is not assignable to type … Did you mean '"latency"'?

import { createTestPair } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

await createTestPair(Greeter, {}, { faults: [{ fault: "latencey", ms: 5 }] })

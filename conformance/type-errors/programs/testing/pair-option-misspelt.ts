// TS2769: Object literal may only specify known properties, but 'transports' does not exist in type 'TestPairOptions'. Did you mean to write 'transport'?

import { createTestPair } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

await createTestPair(Greeter, {}, { transports: "tcp" })

// TS2322: Type '() => { message: number; }' is not assignable to type … MessageInit<HelloReply>

import { mockClient } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

mockClient(Greeter, { sayHello: () => ({ message: 5 }) })

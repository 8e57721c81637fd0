// TS2345: Argument of type 'string' is not assignable to parameter of type 'StatusError'.

import { mockServicer } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

mockServicer(Greeter).expect.sayHello().fail("NOT_FOUND")

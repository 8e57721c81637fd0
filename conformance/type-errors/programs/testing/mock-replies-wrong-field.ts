// TS2353: 'mesage' does not exist in type … MessageInit<HelloReply>

import { mockServicer } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

mockServicer(Greeter).expect.sayHello().reply({ mesage: "Hi" })

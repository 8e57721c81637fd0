// TS2353: 'nmae' does not exist in type … MessageInit<HelloRequest>

import { mockServicer } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

mockServicer(Greeter).expect.sayHello({ nmae: "Ada" })

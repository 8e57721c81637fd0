// TS2551: Property 'sayHelo' does not exist on type … Did you mean 'sayHello'?

import { mockServicer } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

mockServicer(Greeter).expect.sayHelo({ name: "Ada" })

// TS2353: 'message' does not exist in type … Responses<MessageInit<HelloReply>>

import { mockServicer } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

mockServicer(Greeter).expect.listGreetings().reply({ message: "Hi" })

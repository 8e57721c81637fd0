// TS2551: Property 'requests' does not exist on type 'RecordedRequest<HelloRequest> & RecordedResponse<MessageInit<HelloReply>>'. Did you mean 'request'?

import { mockServicer } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

console.log(mockServicer(Greeter).calls.sayHello[0]?.requests)

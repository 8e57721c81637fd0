// TS2353: 'name' does not exist in type 'readonly MessageInit<HelloRequest>[] |

import { mockServicer } from "farcall/testing"
import { Greeter } from "../gen/greeter_grpc.js"

mockServicer(Greeter).expect.recordNames({ name: "Ada" })

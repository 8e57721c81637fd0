// TS2345: Type '{ sayHelo: () => { message: string; }; }' has no properties in common with type 'Partial<Servicer<

import { useTestPair } from "farcall/testing/node"
import { Greeter } from "../gen/greeter_grpc.js"

useTestPair(Greeter, () => ({ sayHelo: () => ({ message: "Hi" }) }))

// TS2353: Object literal may only specify known properties, and 'maxConcurrentCall' does not exist in type 'MethodLimits'.

import { createServer } from "farcall"

createServer({ methods: { "/greeter.Greeter/SayHello": { maxConcurrentCall: 5 } } })

// TS2345: Argument of type '"NOTSERVING"' is not assignable to parameter of type 'ServingStatus'.

import { createServer } from "farcall"
import { addHealth } from "farcall/health"

addHealth(createServer()).set("greeter.Greeter", "NOTSERVING")

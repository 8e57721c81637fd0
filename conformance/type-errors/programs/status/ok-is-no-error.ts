// TS2345: Argument of type '"OK"' is not assignable to parameter of type 'ErrorStatusCode'.

import { StatusError } from "farcall"

throw new StatusError("OK", "fine")

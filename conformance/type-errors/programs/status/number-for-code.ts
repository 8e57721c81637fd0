// TS2345: Argument of type '5' is not assignable to parameter of type 'ErrorStatusCode'.

import { StatusError } from "farcall"

throw new StatusError(5, "nobody")

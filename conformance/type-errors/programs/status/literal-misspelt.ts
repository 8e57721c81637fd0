// TS2345: Argument of type '"NOTFOUND"' is not assignable to parameter of type 'ErrorStatusCode'.

import { StatusError } from "farcall"

throw new StatusError("NOTFOUND", "nobody")

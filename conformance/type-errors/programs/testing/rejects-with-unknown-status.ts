// TS2345: Argument of type '"NOTFOUND"' is not assignable to parameter of type 'ErrorStatusCode'.

import { rejectsWithStatus } from "farcall/testing"

await rejectsWithStatus(Promise.reject(), "NOTFOUND")

// TS2345: Argument of type 'string' is not assignable to parameter of type … FailingCall

import { rejectsWithStatus } from "farcall/testing"

await rejectsWithStatus("NOT_FOUND", "NOT_FOUND")

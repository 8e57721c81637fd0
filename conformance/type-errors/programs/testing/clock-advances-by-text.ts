// TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.

import { virtualClock } from "farcall/testing"

await virtualClock().advance("1s")

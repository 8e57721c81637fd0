// TS2353: Object literal may only specify known properties, and 'now' does not exist in type 'VirtualClockOptions'.

import { virtualClock } from "farcall/testing"

virtualClock({ now: 0 })

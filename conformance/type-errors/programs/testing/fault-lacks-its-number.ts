// TS2322: Property 'ms' is missing in type '{ fault: "latency"; }' but required in type 'LatencyRule'.

import type { FaultRule } from "farcall/testing"

export const slow: FaultRule = { fault: "latency" }

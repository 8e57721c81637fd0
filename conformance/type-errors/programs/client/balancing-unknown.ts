// TS2820: Type '"roundRobin"' is not assignable to type '"pick_first" | "round_robin" | BalancingPolicy | undefined'. Did you mean '"round_robin"'?

import { createChannel } from "farcall"

createChannel("localhost:50051", { balancing: "roundRobin" })

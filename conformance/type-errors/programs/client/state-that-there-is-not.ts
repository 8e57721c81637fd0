// TS2367: This comparison appears to be unintentional because the types 'ConnectivityState' and '"CONNECTED"' have no overlap.

import { createChannel } from "farcall"

export const ready: boolean = createChannel("localhost:50051").state === "CONNECTED"

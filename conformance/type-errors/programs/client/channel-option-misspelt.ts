// TS2561: Object literal may only specify known properties, but 'idleTimeout' does not exist in type 'ChannelOptions'. Did you mean to write 'idleTimeoutMs'?

import { createChannel } from "farcall"

createChannel("localhost:50051", { idleTimeout: 5 })

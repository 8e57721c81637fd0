// TS2353: Object literal may only specify known properties, and 'time' does not exist in type 'ChannelKeepaliveOptions'.

import { createChannel } from "farcall"

createChannel("localhost:50051", { keepalive: { time: 10_000 } })

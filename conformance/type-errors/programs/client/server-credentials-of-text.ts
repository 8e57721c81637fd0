// TS2322: Type 'string' is not assignable to type 'ChannelCredentials | undefined'.

import { createChannel } from "farcall"

createChannel("example.com:443", { credentials: "tls" })

// TS2561: Object literal may only specify known properties, but 'maxRecieveMessageLength' does not exist in type 'ServerOptions'. Did you mean to write 'maxReceiveMessageLength'?

import { createServer } from "farcall"

createServer({ maxRecieveMessageLength: 5 })

// TS2561: Object literal may only specify known properties, but 'crt' does not exist in type 'TlsOptions'. Did you mean to write 'cert'?

import { tls } from "farcall"

tls({ crt: "server.crt", key: "server.key" })

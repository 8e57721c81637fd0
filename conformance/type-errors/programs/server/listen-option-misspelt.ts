// TS2353: Object literal may only specify known properties, and 'tls' does not exist in type 'ListenOptions'.

import { createServer, tls } from "farcall"

await createServer().listen("[::]:50051", { tls: tls({ cert: "", key: "" }) })

// TS2559: Type '5000' has no properties in common with type 'ShutdownOptions'.

import { createServer } from "farcall"

const server = createServer()

await server.shutdown(5_000)

// TS2345: Argument of type 'number' is not assignable to parameter of type 'string

import { createServer } from "farcall"

const server = createServer()

await server.listen(50051)

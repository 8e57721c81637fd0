import { addressFlags, untilInterrupted } from "@farcall/example-program"
import { createServer, insecure } from "farcall"
import { Echo } from "./gen/echo_grpc.js"
import { echo } from "./servicer.js"

const server = createServer()
server.add(Echo, echo)
const { port } = await server.listen(addressFlags(50051), { credentials: insecure() })
console.log(`Server started, listening on ${port}`)
await untilInterrupted(server)

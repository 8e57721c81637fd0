import { serverFlags, untilInterrupted } from "@farcall/example-program"
import { createServer, insecure } from "farcall"
import { addHealth } from "farcall/health"
import { addReflection } from "farcall/reflection"
import { Echo } from "./gen/echo_grpc.js"
import { echo } from "./servicer.js"

const { address, workers } = serverFlags({ port: 50051, workers: 0 })
const server = createServer()
if (workers === 0) server.add(Echo, echo)
else server.add(Echo, new URL("./worker.js", import.meta.url), { workers })
addHealth(server)
addReflection(server)
const { port } = await server.listen(address, { credentials: insecure() })
console.log(`Server started, listening on ${port}`)
await untilInterrupted(server)

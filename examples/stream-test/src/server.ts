import { addressFlags, untilInterrupted } from "@farcall/example-program"
import { createServer, insecure } from "farcall"
import { addHealth } from "farcall/health"
import { addReflection } from "farcall/reflection"
import { StreamTest } from "./gen/example_grpc.js"
import { createStreamTest } from "./servicer.js"

const server = createServer()
server.add(StreamTest, createStreamTest(console.log))
addHealth(server)
addReflection(server)
const { port } = await server.listen(addressFlags(50051), { credentials: insecure() })
console.log(`Server started, listening on ${port}`)
await untilInterrupted(server)

import { addressFlags, untilInterrupted } from "@farcall/example-program"
import { createServer, insecure } from "farcall"
import { StreamTest } from "./gen/example_grpc.js"
import { createStreamTest } from "./servicer.js"

const server = createServer()
server.add(StreamTest, createStreamTest(console.log))
const { port } = await server.listen(addressFlags(50051), { credentials: insecure() })
console.log(`Server started, listening on ${port}`)
await untilInterrupted(server)

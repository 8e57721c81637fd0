import { addressFlags, untilInterrupted } from "@farcall/example-program"
import { createServer, insecure } from "farcall"
import { addHealth } from "farcall/health"
import { addReflection } from "farcall/reflection"
import { UserInfo } from "./gen/example_grpc.js"
import { userInfo } from "./servicer.js"

const server = createServer()
server.add(UserInfo, userInfo)
addHealth(server)
addReflection(server)
const { port } = await server.listen(addressFlags(50051), { credentials: insecure() })
console.log(`Server started, listening on ${port}`)
await untilInterrupted(server)

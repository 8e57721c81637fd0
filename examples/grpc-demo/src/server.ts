import { addressFlags, untilInterrupted } from "@farcall/example-program"
import { createServer, insecure } from "farcall"
import { addHealth } from "farcall/health"
import { addReflection } from "farcall/reflection"
import { GRPCDemo } from "./gen/demo_grpc.js"
import { createGRPCDemo } from "./servicer.js"

const server = createServer()
server.add(GRPCDemo, createGRPCDemo(console.log))
addHealth(server)
addReflection(server)
await server.listen(addressFlags(23333), { credentials: insecure() })
console.log("------------------start TypeScript GRPC server")
await untilInterrupted(server)

import { addressFlags, untilInterrupted } from "@farcall/example-program"
import { createServer, insecure } from "farcall"
import { Digestor } from "./gen/digestor_grpc.js"
import { createDigestor } from "./servicer.js"

const server = createServer()
server.add(Digestor, createDigestor(console.log))
await server.listen(addressFlags(5001), { credentials: insecure() })
console.log("Digestor Server running ...")
await untilInterrupted(server)
console.log("Digestor Server Stopped ...")

import { serverFlags, untilInterrupted } from "@farcall/example-program"
import { createServer, insecure } from "farcall"
import { addHealth } from "farcall/health"
import { addReflection } from "farcall/reflection"
import { Digestor } from "./gen/digestor_grpc.js"
import { createDigestor } from "./servicer.js"

const { address, workers } = serverFlags({ port: 5001, workers: 5 })
const server = createServer()
if (workers === 0) server.add(Digestor, createDigestor(console.log))
else server.add(Digestor, new URL("./worker.js", import.meta.url), { workers })
addHealth(server)
addReflection(server)
await server.listen(address, { credentials: insecure() })
console.log("Digestor Server running ...")
await untilInterrupted(server)
console.log("Digestor Server Stopped ...")

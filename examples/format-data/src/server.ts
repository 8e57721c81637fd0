import { addressFlags, untilInterrupted } from "@farcall/example-program"
import { createServer, insecure } from "farcall"
import { FormatData } from "./gen/data_grpc.js"
import { formatData } from "./servicer.js"

const server = createServer()
server.add(FormatData, formatData)
const { port } = await server.listen(addressFlags(8080), { credentials: insecure() })
console.log(`Server started, listening on ${port}`)
await untilInterrupted(server)

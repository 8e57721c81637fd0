import { createServer } from "farcall"
import { Peer } from "../gen/peer_grpc.js"
import { peerFlags } from "./flags.js"
import { createPeer } from "./servicer.js"

const server = createServer()
server.add(Peer, createPeer())
const { address, credentials } = peerFlags()
const { port } = await server.listen(address, { credentials: credentials.server })
console.log(`Server started, listening on ${port}`)
process.once("SIGTERM", () => void server.shutdown({ graceMs: 1000 }))

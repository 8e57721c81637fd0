import { createServer } from "farcall"
import { Peer } from "../gen/peer_grpc.js"
import { peerFlags } from "./flags.js"
import { createPeer } from "./servicer.js"

const server = createServer()
server.add(Peer, createPeer())
const { port } = await server.listen(peerFlags().address)
console.log(`Server started, listening on ${port}`)
process.once("SIGTERM", () => void server.shutdown({ graceMs: 1000 }))

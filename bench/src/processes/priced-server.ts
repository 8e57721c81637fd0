import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { echo } from "@farcall/example-echo/servicer.js"
import { createChannel, createClient, createServer, type ServerContext, tls } from "farcall"
import { answering } from "../measure/asked-process.js"
import type { Feature } from "../prices/features.js"
import { findFeature } from "../prices/find-feature.js"
import { certificate } from "../stacks/certificate.js"

/** The port it listens on, or what it has used of CPU so far, in microseconds. */
export type ServerQuestion = "port" | "cpu"

const feature = findFeature(process.argv[2])
const server = createServer(feature.server)
server.add(Echo, feature.relayed === undefined ? (feature.servicer ?? echo) : await relay(feature.relayed))
const { cert, key } = certificate
const { port } = await server.listen("127.0.0.1:0", feature.secured ? { credentials: tls({ cert, key }) } : {})

answering<ServerQuestion, number>((question) => {
  if (question === "port") return port!
  const { user, system } = process.cpuUsage()
  return user + system
})

/** A servicer that calls another server for each answer, in the same process: what it costs is in all that is compared. */
async function relay(options: NonNullable<Feature["relayed"]>): Promise<typeof echo> {
  const behind = createServer()
  behind.add(Echo, echo)
  const client = createClient(Echo, createChannel((await behind.listen("127.0.0.1:0")).toString()))
  return { reply: (request, context: ServerContext) => client.reply(request, options(context)) }
}

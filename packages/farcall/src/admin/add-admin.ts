import { addChannelz } from "../channelz/service.js"
import type { Server } from "../server/server.js"

/**
 * Adds the services by which operators look into a process (gRPC A38): `grpc.channelz.v1.Channelz`, and others as there
 * come to be some. Of who may call them the same is true as of `addChannelz`.
 * @throws TypeError when the server has one of them already, or listens already
 */
export function addAdmin(server: Server): void {
  addChannelz(server)
}

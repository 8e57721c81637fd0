import type { ChannelParts } from "../client/balanced-channel.js"
import { staticName } from "../resolve/static.js"
import { type GrpcServer, loadServing } from "../server/server.js"
import type { VirtualClock } from "../testing/virtual-clock.js"
import type { Address } from "../transport/address.js"
import { startHttp2Client } from "../transport/http2-client.js"
import { inMemoryWires } from "../transport/in-memory.js"

// Where the clock stands still, nothing waits for files.
await loadServing()

/** What a channel is made of that goes to all of these servers, in memory; chance is always 0. */
export function serversInMemory(servers: readonly GrpcServer[], clock: VirtualClock): ChannelParts {
  const addresses = servers.map((_, i): Address => ({ kind: "in-memory", name: String(i) }))
  return {
    name: staticName(addresses, "localhost", true),
    random: () => 0,
    connect: (address, listener, { authority, signal }) => {
      const [near, far] = inMemoryWires(clock)
      servers[Number((address as { name: string }).name)]!.accept(far)
      return startHttp2Client(near, listener, { clock, authority, scheme: "http" }, signal)
    },
  }
}

/** Ends them, with what still runs. */
export async function shutDown(servers: readonly GrpcServer[], clock: VirtualClock): Promise<void> {
  const over = Promise.all(servers.map((server) => server.shutdown({ graceMs: 0 })))
  await clock.advance(10_000)
  await over
}

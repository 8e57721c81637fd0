import { createClient } from "farcall"
import { virtualClock } from "farcall/testing"
import { createChannelWith } from "../../../packages/farcall/dist/client/balanced-channel.js"
import { connectionOptions } from "../../../packages/farcall/dist/client/channel-options.js"
import { staticName } from "../../../packages/farcall/dist/resolve/static.js"
import { GrpcServer } from "../../../packages/farcall/dist/server/server.js"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import { FaultBoard } from "../../../packages/farcall/dist/testing/faults/faults.js"
import type { FaultyLink } from "../../../packages/farcall/dist/testing/faults/faulty-link.js"
import { faultyWires } from "../../../packages/farcall/dist/testing/faults/faulty-wires.js"
import { startHttp2Client } from "../../../packages/farcall/dist/transport/http2-client.js"
import type { Http2Session } from "../../../packages/farcall/dist/transport/http2-session.js"
import { keepaliveOfScenes, PacedParrot, type Scene, type SceneOptions, streamsOpen } from "./scene.js"

/** All in memory, on a virtual clock. */
export async function memoryScene({ keepalive }: SceneOptions): Promise<Scene> {
  const clock = virtualClock()
  const parrot = new PacedParrot(clock)
  const server = new GrpcServer({ clock, onHandlerError: () => {} })
  server.add(Parrot, parrot)
  await server.start()
  const sessions: Http2Session[] = []
  const links: FaultyLink[] = []
  const faults = new FaultBoard(() => ({ methods: Object.values(Parrot.methods), seesCalls: true }))
  const options = { clock, ...(keepalive && { keepalive: keepaliveOfScenes }) }
  const connection = connectionOptions(options)
  const channel = createChannelWith(
    "memory",
    {
      name: staticName([{ kind: "in-memory", name: "memory" }], "localhost", true),
      connect: async (_address, listener, { authority, signal }) => {
        const wires = faultyWires(clock, faults)
        links.push(wires.link)
        sessions.push(server.accept(wires.server) as Http2Session)
        const transport = await startHttp2Client(wires.client, listener, connection(clock, authority), signal)
        sessions.push((transport as unknown as { session: Http2Session }).session)
        return transport
      },
    },
    options,
  )
  const left = (): Record<string, number> => ({
    "streams open": streamsOpen(sessions),
    "handlers running": parrot.running,
  })
  return {
    client: createClient(Parrot, channel),
    faults,
    pass: (ms) => clock.advance(ms),
    left,
    async end() {
      let waiting = 2
      void channel.close().then(() => waiting--)
      void server.shutdown({ graceMs: 0 }).then(() => waiting--)
      // The timer of deadlines is one for all calls, and outlives them.
      await clock.advance(30_000)
      // A dead line is told by nobody, and a wire in memory has no system under it that gives up.
      for (const link of links) link.close()
      await clock.advance(0)
      return {
        ...left(),
        "ends awaited": waiting,
        "timers on the clock": clock.pending,
        "holds of the process": clock.holds,
        "links open": links.filter(({ closed }) => !closed).length,
      }
    },
  }
}

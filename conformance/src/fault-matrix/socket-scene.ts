import { createChannel, createClient, tls } from "farcall"
import { FaultyProxy } from "../../../fuzz/dist/faults/faulty-proxy.js"
import { GrpcServer } from "../../../packages/farcall/dist/server/server.js"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import { linkLimits } from "../../../packages/farcall/dist/testing/faults/faulty-wires.js"
import { selfSigned } from "../../../packages/farcall/dist/testing/self-signed.js"
import type { Http2Session } from "../../../packages/farcall/dist/transport/http2-session.js"
import { FastClock } from "./fast-clock.js"
import { keepaliveOfScenes, PacedParrot, type Scene, type SceneOptions, streamsOpen } from "./scene.js"

/** How much faster than real the clocks of these scenes go. */
const SPEED = 10

const identity = selfSigned()

/** Over sockets on loopback, through a proxy; with TLS, which the proxy ends on either side. */
export async function socketScene({ plan, keepalive }: SceneOptions, secured: boolean): Promise<Scene> {
  const clock = new FastClock(SPEED)
  const parrot = new PacedParrot(clock)
  const server = new GrpcServer({ clock, http2: linkLimits, onHandlerError: () => {} })
  server.add(Parrot, parrot)
  const sessions: Http2Session[] = []
  const accept = server.accept.bind(server)
  server.accept = (wire) => {
    const session = accept(wire)
    sessions.push(session as Http2Session)
    return session
  }
  const { port } = await server.listen("127.0.0.1:0", secured ? { credentials: tls(identity) } : {})
  const proxy = await FaultyProxy.start(port!, clock, plan, secured ? identity : undefined)
  const channel = createChannel(`127.0.0.1:${proxy.port}`, {
    clock,
    http2: linkLimits,
    ...(keepalive && { keepalive: keepaliveOfScenes }),
    ...(secured && { credentials: tls({ ca: identity.cert }) }),
  })
  const left = (): Record<string, number> => ({
    "streams open at the server": streamsOpen(sessions),
    "handlers running": parrot.running,
  })
  return {
    client: createClient(Parrot, channel),
    pass: (ms) => clock.pass(ms),
    left,
    async end() {
      let waiting = 2
      void channel.close().then(() => waiting--)
      void server.shutdown({ graceMs: 0 }).then(() => waiting--)
      // A finished connection waits for the other end (`closeMs`); the timer of deadlines is one for all calls, and
      // outlives them.
      for (let tries = 0; tries < 300 && waiting + clock.pending > 0; tries++) await clock.pass(100)
      await proxy.stop()
      clock.stop()
      return {
        ...left(),
        "ends awaited": waiting,
        "timers on the clock": clock.pending,
        "holds of the process": clock.holds,
      }
    },
  }
}

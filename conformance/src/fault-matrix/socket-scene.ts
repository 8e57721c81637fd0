import { createChannel, createClient, tls } from "farcall"
import { GrpcServer } from "../../../packages/farcall/dist/server/server.js"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import { SocketProxy } from "../../../packages/farcall/dist/testing/faults/fault-proxy.js"
import { FaultBoard } from "../../../packages/farcall/dist/testing/faults/faults.js"
import { selfSigned } from "../../../packages/farcall/dist/testing/self-signed.js"
import type { Http2Session } from "../../../packages/farcall/dist/transport/http2-session.js"
import { FastClock } from "./fast-clock.js"
import { keepaliveOfScenes, PacedParrot, type Scene, type SceneOptions, streamsOpen } from "./scene.js"

/** How much faster than real the clocks of these scenes go. */
const SPEED = 10

const identity = selfSigned()

/** Over sockets on loopback, through a proxy; with TLS, which the proxy ends on either side. */
export async function socketScene({ keepalive }: SceneOptions, secured: boolean): Promise<Scene> {
  const clock = new FastClock(SPEED)
  const parrot = new PacedParrot(clock)
  const server = new GrpcServer({ clock, onHandlerError: () => {} })
  server.add(Parrot, parrot)
  const sessions: Http2Session[] = []
  const accept = server.accept.bind(server)
  server.accept = (wire) => {
    const session = accept(wire)
    sessions.push(session as Http2Session)
    return session
  }
  const target = await server.listen("127.0.0.1:0", secured ? { credentials: tls(identity) } : {})
  const faults = new FaultBoard(() => ({ methods: Object.values(Parrot.methods), seesCalls: true }))
  const tlsOfProxy = secured ? identity : undefined
  const proxy = await SocketProxy.start({ target: target.toString(), clock, tls: tlsOfProxy }, faults)
  const channel = createChannel(proxy.address, {
    clock,
    ...(keepalive && { keepalive: keepaliveOfScenes }),
    ...(secured && { credentials: tls({ ca: identity.cert }) }),
  })
  const left = (): Record<string, number> => ({
    "streams open at the server": streamsOpen(sessions),
    "handlers running": parrot.running,
  })
  return {
    client: createClient(Parrot, channel),
    faults,
    pass: (ms) => clock.pass(ms),
    left,
    async end() {
      let waiting = 2
      void channel.close().then(() => waiting--)
      void server.shutdown({ graceMs: 0 }).then(() => waiting--)
      // A finished connection waits for the other end (`closeMs`); the timer of deadlines is one for all calls, and
      // outlives them.
      for (let tries = 0; tries < 300 && waiting + clock.pending > 0; tries++) await clock.pass(100)
      await proxy.close()
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

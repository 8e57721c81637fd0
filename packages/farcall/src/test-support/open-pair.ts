import type { ConnectionCounters } from "@farcall/http2"
import { createChannelWith } from "../client/balanced-channel.js"
import { type Client, createClient } from "../client/client.js"
import type { ClientTransport } from "../client/transport.js"
import { systemClock } from "../core/clock.js"
import { staticName } from "../resolve/static.js"
import { GrpcServer, loadServing } from "../server/server.js"
import type { Servicer } from "../server/servicer.js"
import { connectHttp2 } from "../transport/connect.js"
import { type Http2ClientOptions, startHttp2Client } from "../transport/http2-client.js"
import type { Http2Session } from "../transport/http2-session.js"
import { inMemoryWires } from "../transport/in-memory.js"
import { Parrot } from "./parrot.js"

type Counters = ConnectionCounters & { readonly openStreams: number }

/** A client and a server whose engines can be looked into. */
export interface OpenPair extends AsyncDisposable {
  readonly client: Client<typeof Parrot>
  counters(): { readonly client: Counters; readonly server: Counters }
}

export async function openPair(
  servicer: Partial<Servicer<typeof Parrot>>,
  transport: "memory" | "tcp",
): Promise<OpenPair> {
  const server = new GrpcServer({ onHandlerError: () => {} })
  server.add(Parrot, servicer)
  await loadServing()
  let near: Http2Session | undefined
  let far: Http2Session | undefined
  const accept = server.accept.bind(server)
  server.accept = (wire) => (far = accept(wire) as Http2Session)
  const { port } = transport === "tcp" ? await server.listen("127.0.0.1:0") : { port: 0 }
  const channel = createChannelWith(
    "pair",
    {
      name: staticName([{ kind: "in-memory", name: "pair" }], "localhost", true),
      connect: async (_address, listener, { clock, authority, signal }) => {
        const options: Http2ClientOptions = { clock, authority, scheme: "http" }
        let made: ClientTransport
        if (transport === "tcp") {
          const address = { kind: "tcp", host: "127.0.0.1", port: port! } as const
          made = await connectHttp2(address, listener, options, signal)
        } else {
          const [left, right] = inMemoryWires(systemClock)
          server.accept(right)
          made = await startHttp2Client(left, listener, options, signal)
        }
        near = sessionOf(made)
        return made
      },
    },
    {},
  )
  return {
    client: createClient(Parrot, channel),
    counters: () => ({ client: countersOf(near), server: countersOf(far) }),
    async [Symbol.asyncDispose]() {
      await channel.close()
      await server.shutdown({ graceMs: 0 })
    },
  }
}

function sessionOf(transport: ClientTransport): Http2Session {
  return (transport as unknown as { session: Http2Session }).session
}

/** Nothing has happened yet on a connection that has not been made. */
function countersOf(session: Http2Session | undefined): Counters {
  if (session === undefined) return nothing
  return { ...session.connection.counters, openStreams: session.connection.openStreams }
}

const nothing: Counters = {
  framesReceived: 0,
  framesSent: 0,
  callFramesSent: 0,
  inboundHeld: 0,
  outboundQueued: 0,
  pendingOutput: 0,
  sendWindow: 0,
  receiveWindow: 0,
  receiveAvailable: 0,
  runningHandlers: 0,
  waitingStreams: 0,
  unsentFrames: 0,
  unsentReplies: 0,
  bytesHeld: 0,
  openStreams: 0,
}

import { rmSync } from "node:fs"
import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ConnectingChannel, createChannel, createChannelWith } from "../client/channel.js"
import { type ChannelOptions, connectionOptions } from "../client/channel-options.js"
import { type Clock, systemClock } from "../core/clock.js"
import { staticName } from "../resolve/static.js"
import type { GrpcServer } from "../server/server.js"
import { formatAddress } from "../transport/address.js"
import { startHttp2Client } from "../transport/http2-client.js"
import { inMemoryWires } from "../transport/in-memory.js"
import { tls } from "../transport/tls-credentials.js"
import { type SelfSigned, selfSigned } from "./self-signed.js"

export type TestTransport = "memory" | "tcp" | "tls" | "unix"

/** What joins the clients of a pair to its server. */
export interface PairNetwork {
  /** A channel to the server, with connections of its own. */
  channel(options?: ChannelOptions): ConnectingChannel
  /** Clears away what was made for it, once channels and server are gone. */
  close(): void
}

/** @throws Error when the server cannot listen */
export async function openNetwork(server: GrpcServer, transport: TestTransport, clock?: Clock): Promise<PairNetwork> {
  switch (transport) {
    case "memory":
      return new MemoryNetwork(server, clock)
    case "tcp":
      return socketNetwork((await server.listen("127.0.0.1:0")).toString(), { clock })
    case "tls": {
      certificate ??= selfSigned()
      const address = await server.listen("127.0.0.1:0", { credentials: tls(certificate) })
      return socketNetwork(address.toString(), { clock, credentials: tls({ ca: certificate.cert }) })
    }
    case "unix": {
      const folder = await mkdtemp(join(tmpdir(), "farcall-"))
      const address = await server.listen(`unix:${join(folder, "pair.sock")}`)
      return socketNetwork(address.toString(), { clock }, () => rmSync(folder, { recursive: true, force: true }))
    }
  }
}

/** Of the tests of this process. */
let certificate: SelfSigned | undefined

let networks = 0

/** Every connection ends in the server, within this process. */
class MemoryNetwork implements PairNetwork {
  private readonly server: GrpcServer
  private readonly clock: Clock | undefined
  private readonly name = String(++networks)

  constructor(server: GrpcServer, clock: Clock | undefined) {
    this.server = server
    this.clock = clock
  }

  channel(options: ChannelOptions = {}): ConnectingChannel {
    const { server } = this
    const clock = options.clock ?? this.clock ?? systemClock
    const address = { kind: "in-memory", name: this.name } as const
    const connection = connectionOptions(options)
    return createChannelWith(
      formatAddress(address),
      {
        name: staticName([address], "localhost", true),
        connect: async (_address, listener, { authority, signal }) => {
          const [near, far] = inMemoryWires(clock)
          server.accept(far)
          // What is said within a process is overheard by nobody.
          return startHttp2Client(near, listener, { ...connection(clock, authority), secure: true }, signal)
        },
      },
      { ...options, clock },
    )
  }

  close(): void {}
}

function socketNetwork(target: string, defaults: ChannelOptions, close: () => void = () => {}): PairNetwork {
  // The environment's proxies are not asked for what never leaves the machine.
  return { channel: (options) => createChannel(target, { proxy: false, ...defaults, ...options }), close }
}

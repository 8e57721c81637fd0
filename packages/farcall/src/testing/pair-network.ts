import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ConnectingChannel, createChannelWith } from "../client/balanced-channel.js"
import { createChannel } from "../client/channel.js"
import { type ChannelOptions, connectionOptions } from "../client/channel-options.js"
import { type Clock, systemClock } from "../core/clock.js"
import { staticName } from "../resolve/static.js"
import type { GrpcServer } from "../server/server.js"
import { formatAddress } from "../transport/address.js"
import { local } from "../transport/credentials.js"
import { startHttp2Client } from "../transport/http2-client.js"
import { inMemoryWires } from "../transport/in-memory.js"
import { tls } from "../transport/tls-credentials.js"
import type { Wire } from "../transport/wire.js"
import { SocketProxy } from "./faults/fault-proxy.js"
import type { FaultBoard } from "./faults/faults.js"
import type { FaultyLink } from "./faults/faulty-link.js"
import { faultyWires } from "./faults/faulty-wires.js"
import { type SelfSigned, selfSigned } from "./self-signed.js"
import { SocketTraffic } from "./socket-traffic.js"
import { VirtualClock } from "./virtual-clock.js"

/** What joins the two sides of a pair. */
export type TestTransport = "memory" | "tcp" | "tls" | "unix"

/** What joins the clients of a pair to its server. */
export interface PairNetwork {
  /** A channel to the server, with connections of its own. */
  channel(options?: ChannelOptions): ConnectingChannel
  /** The two are being closed. Ends what stands between them: where nothing passes any more, neither would hear of the other's end. */
  sever(): void
  /** Clears away what was made for it, once channels and server are gone. */
  close(): Promise<void>
}

/**
 * @param faults the rules that stand between clients and server; left out: nothing does
 * @throws Error when the server cannot listen
 */
export async function openNetwork(
  server: GrpcServer,
  transport: TestTransport,
  clock: Clock | undefined,
  faults: FaultBoard | undefined,
): Promise<PairNetwork> {
  switch (transport) {
    case "memory":
      return new MemoryNetwork(server, clock, faults)
    case "tcp":
      return SocketNetwork.open(server, "127.0.0.1:0", clock, faults)
    case "tls":
      certificate ??= selfSigned()
      return SocketNetwork.open(server, "127.0.0.1:0", clock, faults, certificate)
    case "unix":
      return SocketNetwork.open(server, await mkdtemp(join(tmpdir(), `farcall-pair-${process.pid}-`)), clock, faults)
  }
}

/** Of the tests of this process. */
let certificate: SelfSigned | undefined

let networks = 0

/** Every connection ends in the server, within this process. */
class MemoryNetwork implements PairNetwork {
  private readonly server: GrpcServer
  private readonly clock: Clock | undefined
  private readonly faults: FaultBoard | undefined
  private readonly address = { kind: "in-memory", name: String(++networks) } as const
  private readonly links = new Set<FaultyLink>()

  constructor(server: GrpcServer, clock: Clock | undefined, faults: FaultBoard | undefined) {
    this.server = server
    this.clock = clock
    this.faults = faults
  }

  channel(options: ChannelOptions = {}): ConnectingChannel {
    const { address, server } = this
    const clock = options.clock ?? this.clock ?? systemClock
    const connection = connectionOptions(options)
    return createChannelWith(
      formatAddress(address),
      {
        name: staticName([address], "localhost", true),
        connect: async (_address, listener, { authority, signal }) => {
          const [near, far] = this.wires(clock)
          server.accept(far)
          // What is said within a process is overheard by nobody.
          return startHttp2Client(near, listener, { ...connection(clock, authority), secure: true }, signal)
        },
      },
      { ...options, clock },
    )
  }

  sever(): void {
    for (const link of this.links) link.close()
  }

  async close(): Promise<void> {}

  private wires(clock: Clock): [client: Wire, server: Wire] {
    const { faults, links } = this
    if (faults === undefined) return inMemoryWires(clock)
    if (faults.refuses()) {
      const error = new Error(`connect ${formatAddress(this.address)}: refused by a fault rule`)
      throw Object.assign(error, { code: "ECONNREFUSED" })
    }
    const { client, server, link } = faultyWires(this.clock ?? clock, faults, (gone) => links.delete(gone))
    links.add(link)
    return [client, server]
  }
}

/** Connections are sockets, through a proxy where there are rules. */
class SocketNetwork implements PairNetwork {
  private readonly target: string
  private readonly defaults: ChannelOptions
  private readonly proxy: SocketProxy | undefined
  private readonly folder: string | undefined
  private readonly channels: ConnectingChannel[] = []
  private readonly heeding: { cancel(): void } | undefined

  /** @param place an address, or a folder for unix sockets */
  static async open(
    server: GrpcServer,
    place: string,
    clock: Clock | undefined,
    faults: FaultBoard | undefined,
    tlsIdentity?: SelfSigned,
  ): Promise<SocketNetwork> {
    const folder = place.includes(":") ? undefined : place
    const at = (name: string): string => (folder === undefined ? place : `unix:${join(folder, name)}`)
    const address = await server.listen(at("server"), tlsIdentity && { credentials: tls(tlsIdentity) })
    const target = address.toString()
    const proxy = faults && (await SocketProxy.start({ target, listen: at("proxy"), tls: tlsIdentity, clock }, faults))
    return new SocketNetwork(server, proxy?.address ?? target, proxy, folder, {
      clock,
      // The environment's proxies are not asked for what never leaves the machine.
      proxy: false,
      // Call credentials go over unix sockets too, which nobody else hears.
      credentials: tlsIdentity === undefined ? local() : tls({ ca: tlsIdentity.cert }),
    })
  }

  private constructor(
    server: GrpcServer,
    target: string,
    proxy: SocketProxy | undefined,
    folder: string | undefined,
    defaults: ChannelOptions,
  ) {
    this.target = target
    this.proxy = proxy
    this.folder = folder
    this.defaults = defaults
    // What rules hold up or put in is not to be counted.
    if (proxy === undefined && defaults.clock instanceof VirtualClock) {
      this.heeding = defaults.clock.heed(new SocketTraffic(server, this.channels))
    }
  }

  channel(options?: ChannelOptions): ConnectingChannel {
    const channel = createChannel(this.target, { ...this.defaults, ...options })
    this.channels.push(channel)
    return channel
  }

  sever(): void {
    this.heeding?.cancel()
    this.proxy?.sever()
  }

  async close(): Promise<void> {
    await this.proxy?.close()
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true })
  }
}

import { createChannel, createChannelWith } from "../client/channel.js"
import { type ChannelOptions, connectionOptions } from "../client/channel-options.js"
import { type Client, type ClientOptions, createClient } from "../client/client.js"
import type { Channel } from "../client/transport.js"
import { type Clock, systemClock } from "../core/clock.js"
import type { ServiceDefinition } from "../core/service.js"
import { staticName } from "../resolve/static.js"
import {
  codecsLoaded,
  type DefinitionOf,
  type DescribedService,
  definitionOf,
  isDescribed,
} from "../schema/described-service.js"
import { GrpcServer, type Server, type ServerOptions } from "../server/server.js"
import type { Servicer } from "../server/servicer.js"
import type { WorkerOptions } from "../server/workers/worker-pool.js"
import { formatAddress } from "../transport/address.js"
import { startHttp2Client } from "../transport/http2-client.js"
import { inMemoryWires } from "../transport/in-memory.js"
import { tls } from "../transport/tls-credentials.js"
import { type SelfSigned, selfSigned } from "./self-signed.js"

/** A service and a client of it, joined. */
export interface TestPair<Service extends ServiceDefinition> extends AsyncDisposable {
  readonly client: Client<Service>
  /** For further clients of the same server. */
  readonly channel: Channel
  readonly server: Server
  /** Closes the channel, and shuts the server down: calls that still run are cancelled. */
  close(): Promise<void>
}

export type TestTransport = "memory" | "tcp" | "tls"

export interface TestPairOptions {
  readonly server?: ServerOptions | undefined
  readonly channel?: ChannelOptions | undefined
  readonly client?: ClientOptions | undefined
  /**
   * What joins the two: `"memory"` (the default), `"tcp"`, a socket on loopback, or `"tls"`, TLS over one, with a
   * certificate made for the purpose. The environment's FARCALL_TEST_TRANSPORT says it for a whole run of tests.
   */
  readonly transport?: TestTransport | undefined
  /** Serves more than the one service. */
  readonly configure?: ((server: Server) => void) | undefined
}

/**
 * Starts a server with one service and a client of it, joined without a network: everything between the two is what
 * serves in production (framing, HTTP/2, flow control, deadlines, interceptors, status), but for the socket.
 *
 *     const { client, close } = await createTestPair(Greeter, greeter)
 */
export function createTestPair<Service extends DescribedService>(
  service: Service,
  servicer: Partial<Servicer<DefinitionOf<Service>>>,
  options?: TestPairOptions,
): Promise<TestPair<DefinitionOf<Service>>>
export function createTestPair<Service extends ServiceDefinition>(
  service: Service,
  servicer: Partial<Servicer<Service>>,
  options?: TestPairOptions,
): Promise<TestPair<Service>>
/** The same for a service on worker threads: `module` is what `server.add` takes. */
export function createTestPair<Service extends DescribedService>(
  service: Service,
  module: URL,
  options: TestPairOptions & WorkerOptions,
): Promise<TestPair<DefinitionOf<Service>>>
export function createTestPair<Service extends ServiceDefinition>(
  service: Service,
  module: URL,
  options: TestPairOptions & WorkerOptions,
): Promise<TestPair<Service>>
export async function createTestPair(
  described: ServiceDefinition | DescribedService,
  servicer: object,
  options: TestPairOptions & Partial<WorkerOptions> = {},
): Promise<TestPair<ServiceDefinition>> {
  const server = new GrpcServer(options.server ?? {})
  if (isDescribed(described)) await codecsLoaded()
  const service = isDescribed(described) ? definitionOf(described) : described
  if (servicer instanceof URL) server.add(service, servicer, options as WorkerOptions)
  else server.add(service, servicer)
  options.configure?.(server)
  await server.start()
  const channel = await join(server, transportOf(options), options.channel)
  const close = async (): Promise<void> => {
    await channel.close()
    await server.shutdown({ graceMs: 0 })
  }
  return {
    client: createClient(service, channel, options.client),
    channel,
    server,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function transportOf(options: TestPairOptions): TestTransport {
  const transport = options.transport ?? process.env["FARCALL_TEST_TRANSPORT"] ?? "memory"
  if (transport === "memory" || transport === "tcp" || transport === "tls") return transport
  throw new TypeError(`FARCALL_TEST_TRANSPORT is ${JSON.stringify(transport)}, and must be memory, tcp or tls`)
}

async function join(server: GrpcServer, transport: TestTransport, options?: ChannelOptions): Promise<Channel> {
  if (transport === "memory") return inMemory(server, options)
  if (transport === "tcp") return createChannel((await server.listen("127.0.0.1:0")).toString(), options)
  certificate ??= selfSigned()
  const address = await server.listen("127.0.0.1:0", { credentials: tls(certificate) })
  return createChannel(address.toString(), { credentials: tls({ ca: certificate.cert }), ...options })
}

/** Of the tests of this process. */
let certificate: SelfSigned | undefined

let pairs = 0

/** A channel whose every connection ends in `server`, within this process. */
function inMemory(server: GrpcServer, options: ChannelOptions = {}): Channel {
  const clock: Clock = options.clock ?? systemClock
  const address = { kind: "in-memory", name: String(++pairs) } as const
  const target = formatAddress(address)
  const connection = connectionOptions(options)
  return createChannelWith(
    target,
    {
      name: staticName([address], "localhost", true),
      connect: (_address, listener, { authority, signal }) => {
        const [near, far] = inMemoryWires(clock)
        server.accept(far)
        // What is said within a process is overheard by nobody.
        return startHttp2Client(near, listener, { ...connection(clock, authority), secure: true }, signal)
      },
    },
    options,
  )
}

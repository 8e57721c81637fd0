import type { ConnectingChannel } from "../client/balanced-channel.js"
import type { ChannelOptions } from "../client/channel-options.js"
import { type Client, createClient } from "../client/client.js"
import type { ClientOptions } from "../client/client-options.js"
import { type Clock, systemClock } from "../core/clock.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import type { ServiceDefinition } from "../core/service.js"
import type { AnyService } from "../schema/described-service.js"
import { GrpcServer, type Server, type ServerOptions } from "../server/server.js"
import type { Servicer } from "../server/servicer.js"
import { type WorkerOptions, workerOptions } from "../server/workers/worker-pool.js"
import type { FaultRule } from "./faults/fault-rule.js"
import { FaultBoard, type Faults } from "./faults/faults.js"
import { openNetwork, type PairNetwork, type TestTransport } from "./pair-network.js"
import { VirtualClock } from "./virtual-clock.js"

export type { TestTransport } from "./pair-network.js"

/** A way to a pair's server, with connections of its own. */
export interface TestConnection extends AsyncDisposable {
  readonly channel: ConnectingChannel
  /** A client of a service that the pair has, or that it has not: its calls then end UNIMPLEMENTED. */
  clientOf<Service extends AnyService>(service: Service, options?: ClientOptions): Client<Service>
  /** Closes the channel: calls that still run on it end. */
  close(): Promise<void>
}

/** A server and a client of it, joined. */
export interface TestPair<Service extends AnyService> extends TestConnection {
  /** Of the service that the pair was made with. */
  readonly client: Client<Service>
  readonly server: Server
  /** What both sides take their time from. */
  readonly clock: Clock
  /** What goes wrong between the two: takes rules where the pair was made with `faults`. */
  readonly faults: Faults
  /**
   * Has the server serve a further service, from now on, and resolves to a client of it.
   * @throws TypeError when there is one of that name already
   */
  add<Other extends AnyService>(service: Other, servicer: Partial<Servicer<Other>>): Promise<Client<Other>>
  /** The same for one on worker threads. */
  add<Other extends AnyService>(service: Other, module: URL, options: WorkerOptions): Promise<Client<Other>>
  /**
   * Another way to the same server: a channel with options of its own, and connections of its own, as another program
   * has them. What is not said is as in the pair's `channel` option. It is closed with the pair, if not before.
   */
  connect(options?: ChannelOptions): TestConnection
  /** Closes all channels, and shuts the server down: calls that still run are cancelled. */
  close(): Promise<void>
}

/** What a pair can be told, all of it optional. */
export interface TestPairOptions {
  readonly server?: ServerOptions | undefined
  readonly channel?: ChannelOptions | undefined
  readonly client?: ClientOptions | undefined
  /** What both sides take their time from, `virtualClock()` for instance. Default: real time. */
  readonly clock?: Clock | undefined
  /**
   * What joins the two: `"memory"` (the default), `"tcp"`, a socket on loopback, `"tls"`, TLS over one, with a
   * certificate made for the purpose, or `"unix"`, a unix socket. The environment's FARCALL_TEST_TRANSPORT says it for a
   * whole run of tests.
   */
  readonly transport?: TestTransport | undefined
  /**
   * What goes wrong between the two from the start. Where it is said, `[]` at the least, `pair.faults` takes further rules
   * at any time; over sockets they act in a proxy between the two.
   */
  readonly faults?: readonly FaultRule[] | undefined
  /** Adds what goes by the server itself, before it serves. Further services are simpler by `pair.add`. */
  readonly configure?: ((server: Server) => void) | undefined
}

export const testPairOptions: KnownOptions<TestPairOptions & WorkerOptions> = {
  server: "object",
  channel: "object",
  client: "object",
  clock: "object",
  transport: "string",
  faults: "array",
  configure: "function",
  ...workerOptions,
}

/** The same for a service on worker threads: `module` is what `server.add` takes. */
export function createTestPair<Service extends AnyService>(
  service: Service,
  module: URL,
  options: TestPairOptions & WorkerOptions,
): Promise<TestPair<Service>>
/**
 * Starts a server with one service and a client of it, joined without a network: everything between the two is what
 * serves in production (framing, HTTP/2, flow control, deadlines, interceptors, status), but for the socket.
 *
 *     await using pair = await createTestPair(Greeter, greeter)
 *     await pair.client.sayHello({ name: "you" })
 */
// The last of them, for it is the one whose errors the compiler tells.
export function createTestPair<Service extends AnyService>(
  service: Service,
  servicer: Partial<Servicer<Service>>,
  options?: TestPairOptions,
): Promise<TestPair<Service>>
export async function createTestPair(
  service: AnyService,
  servicer: object,
  options: TestPairOptions & Partial<WorkerOptions> = {},
): Promise<TestPair<ServiceDefinition>> {
  checkOptions<TestPairOptions & Partial<WorkerOptions>>("createTestPair", options, testPairOptions)
  const transport = transportOf(options)
  const server = new GrpcServer({ clock: options.clock, ...options.server })
  try {
    return await open(service as ServiceDefinition, servicer, server, transport, options)
  } catch (error) {
    // What listens, and threads, would keep the process from ending.
    await ended(server.shutdown({ graceMs: 0 }), options.clock)
    throw error
  }
}

async function open(
  service: ServiceDefinition,
  servicer: object,
  server: GrpcServer,
  transport: TestTransport,
  options: TestPairOptions & Partial<WorkerOptions>,
): Promise<TestPair<ServiceDefinition>> {
  const { workers, maxQueuedCalls, terminateAfterMs } = options
  if (servicer instanceof URL) server.add(service, servicer, { workers: workers!, maxQueuedCalls, terminateAfterMs })
  else server.add(service, servicer)
  options.configure?.(server)
  const faults = new FaultBoard(() => {
    if (options.faults === undefined)
      throw new TypeError("a pair takes fault rules when it is made with some: faults: []")
    return { methods: server.router.methods, seesCalls: true }
  })
  for (const rule of options.faults ?? []) faults.add(rule)
  await server.start()
  const network = await openNetwork(server, transport, options.clock, options.faults && faults)
  try {
    return joined(service, server, network, faults, options)
  } catch (error) {
    network.sever()
    await network.close()
    throw error
  }
}

function transportOf(options: TestPairOptions): TestTransport {
  const transport = options.transport ?? process.env["FARCALL_TEST_TRANSPORT"] ?? "memory"
  if (transports.includes(transport)) return transport as TestTransport
  const name = options.transport === undefined ? "FARCALL_TEST_TRANSPORT" : "transport"
  throw new TypeError(`${name} is ${JSON.stringify(transport)}, and must be memory, tcp, tls or unix`)
}

const transports: readonly string[] = ["memory", "tcp", "tls", "unix"] satisfies readonly TestTransport[]

/** Its functions may be taken out of it: `const { client, close } = await createTestPair(…)`. */
function joined(
  service: ServiceDefinition,
  server: GrpcServer,
  network: PairNetwork,
  faults: FaultBoard,
  options: TestPairOptions,
): TestPair<ServiceDefinition> {
  const clock = options.clock ?? systemClock
  const own = connectionOn(network.channel(options.channel))
  const connections = [own]
  const shutDown = async (): Promise<void> => {
    const closed = Promise.all(connections.map((connection) => connection.close()))
    network.sever()
    await closed
    await server.shutdown({ graceMs: 0 })
  }
  const end = async (): Promise<void> => {
    await ended(shutDown(), clock)
    await network.close()
  }
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= end())
  const add = async (other: ServiceDefinition, servicer: object, workers?: WorkerOptions): Promise<Client<never>> => {
    await server.extend(other, servicer, workers)
    return own.clientOf(other, options.client) as Client<never>
  }
  return {
    ...own,
    client: own.clientOf(service, options.client),
    server,
    clock,
    faults,
    add: add as TestPair<ServiceDefinition>["add"],
    connect(channelOptions) {
      const connection = connectionOn(network.channel({ ...options.channel, ...channelOptions }))
      connections.push(connection)
      return connection
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function connectionOn(channel: ConnectingChannel): TestConnection {
  const close = (): Promise<void> => channel.close()
  return {
    channel,
    clientOf: (service: AnyService, options?: ClientOptions): never =>
      createClient(service as ServiceDefinition, channel, options) as never,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** What waits for time would wait for ever on a clock that stands still. */
async function ended(over: Promise<void>, clock: Clock | undefined): Promise<void> {
  if (clock instanceof VirtualClock) await goOnUntil(over, clock)
  await over
}

async function goOnUntil(over: Promise<void>, clock: VirtualClock): Promise<void> {
  let waiting = true
  const done = (): void => {
    waiting = false
  }
  over.then(done, done)
  // Sockets take turns of the event loop to close, and no time of the clock's.
  for (let turn = 0; turn < 10 && waiting; turn++) await clock.settle()
  while (waiting && (await clock.advanceToNext()) !== undefined);
}

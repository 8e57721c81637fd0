import type { HeaderBlock, Limits } from "@farcall/http2"
import { type CallTally, noCalls } from "../core/call-counts.js"
import type { CallTracer } from "../core/call-tracer.js"
import { type Clock, nextTurn, systemClock } from "../core/clock.js"
import type { Compression, Compressions } from "../core/compression.js"
import { diagnosticsChannel } from "../core/diagnostics.js"
import { Entity, type TraceSeverity } from "../core/entity.js"
import type { Interceptor } from "../core/interceptor.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import { limits } from "../core/limits.js"
import { observed } from "../core/observation.js"
import { badOption, withReason } from "../core/reason.js"
import { type ConnectionView, type ListenSocketView, liveServers, type ServerView } from "../core/registry.js"
import type { AnyMethod, ServiceDefinition } from "../core/service.js"
import { showAs } from "../core/shown-as.js"
import { type Tracers, tracersOption } from "../core/tracers.js"
import { type AnyService, codecsLoaded, definitionOf, isDescribed } from "../schema/described-service.js"
import { traceByEnvironment } from "../trace/environment.js"
import { type ConnectionAgeOptions, checkConnectionAge, connectionAgeOptions } from "../transport/connection-age.js"
import type { Credentials } from "../transport/credentials.js"
import { http2Options } from "../transport/http2-options.js"
import {
  type ServerKeepalive,
  type ServerKeepaliveOptions,
  serverKeepalive,
  serverKeepaliveOptions,
} from "../transport/server-keepalive.js"
import type { Wire, WireHandler } from "../transport/wire.js"
import { compressionsWith } from "../transport/zlib.js"
import type { CallHost, ServerCall } from "./call.js"
import type { CallStream } from "./call-stream.js"
import { interceptCalls } from "./intercept.js"
import type { HandedOverSocket, ListenAddress, Listener } from "./listener.js"
import { LimitsByMethod, type ServerLimits, serverLimits } from "./method-limits.js"
import type { ProtocolCall } from "./protocol-call.js"
import { type FallbackHandler, type Route, Router } from "./router.js"
import type { ConnectionsHost, ServerConnections } from "./server-connections.js"
import type { Servicer } from "./servicer.js"
import { pooledServicer, serviceOfBytes } from "./workers/pooled-servicer.js"
import { type WorkerOptions, WorkerPool, workerOptions } from "./workers/worker-pool.js"

traceByEnvironment(process.env)

/** What a server can be told, all of it optional. */
export interface ServerOptions extends ServerLimits {
  /** Around every call, the first one outermost. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /** Limits of HTTP/2, over the defaults of `@farcall/http2`. */
  readonly http2?: Partial<Limits> | undefined
  /**
   * Told what a handler threw that was no StatusError, of which the client learns UNKNOWN and nothing else, and why what a
   * handler gave could not be sent: a field of the wrong type, for instance. Without it the error is printed on stderr.
   */
  readonly onHandlerError?: ((error: unknown, method: AnyMethod) => void) | undefined
  /**
   * Told of connections that came to nothing, with why: a TLS handshake that failed, a client without the certificate that
   * is wanted, one that speaks plaintext where TLS is. Without it nothing is said: on a public address it happens all day.
   */
  readonly onConnectionError?: ((error: Error) => void) | undefined
  /**
   * How responses are compressed, towards clients that accept it: `"gzip"`, `"deflate"` or one of `compressions`. Default:
   * not at all. A handler may say otherwise by `context.compression`.
   */
  readonly compression?: string | undefined
  /** Ways to compress messages beside gzip and deflate. */
  readonly compressions?: readonly Compression[] | undefined
  /**
   * Answers calls of methods that no service here has, in place of UNIMPLEMENTED: their messages are bytes, and all of
   * them are streams both ways. For proxies, for instance.
   */
  readonly fallback?: FallbackHandler | undefined
  /** How a client that has gone without a word is noticed, and how often clients may ask in turn. */
  readonly keepalive?: ServerKeepaliveOptions | undefined
  /** How long connections are kept. Default: as long as the client likes. */
  readonly connections?: ConnectionAgeOptions | undefined
  /** What watches its calls, for metrics and traces: `openTelemetry()` of `farcall/opentelemetry`, for instance. */
  readonly tracers?: readonly CallTracer[] | undefined
  /** Where the server takes its time from. Default: real time. */
  readonly clock?: Clock | undefined
}

const serverOptions: KnownOptions<ServerOptions> = {
  ...serverLimits,
  interceptors: "array",
  http2: http2Options,
  onHandlerError: "function",
  onConnectionError: "function",
  compression: "string",
  compressions: "array",
  fallback: "function",
  keepalive: serverKeepaliveOptions,
  connections: connectionAgeOptions,
  tracers: "array",
  clock: "object",
}

/** What holds for one address. */
export interface ListenOptions {
  /**
   * Needed where the address can be reached from other machines: `tls({ cert, key })`, or `insecure()`, which says that
   * plaintext is meant.
   */
  readonly credentials?: Credentials | undefined
  /**
   * How many connections may be in their first bytes or TLS handshake at once; further ones are closed. Default 4096.
   */
  readonly maxPendingConnections?: number | undefined
}

const listenOptions: KnownOptions<ListenOptions> = { credentials: "object", maxPendingConnections: "number" }

/** What bounds a shutdown. */
export interface ShutdownOptions {
  /** How long running calls may go on, in milliseconds, before they are cancelled. Default 10,000. */
  readonly graceMs?: number | undefined
}

const shutdownOptions: KnownOptions<ShutdownOptions> = { graceMs: "number" }

/**
 * A gRPC server. Add services, then listen.
 * @throws TypeError or RangeError when an option is not what its description says
 */
export function createServer(options: ServerOptions = {}): Server {
  return new GrpcServer(options)
}

/** Serves what was added to it, on any number of addresses. */
export interface Server extends AsyncDisposable {
  /**
   * Adds a service: an object or a class instance with a function for each method. A method that is left out answers
   * UNIMPLEMENTED. Beside the definitions that `farcall generate` writes it takes the services of protoc-gen-es, whose
   * messages then go through protobuf-es's own codec.
   * @throws TypeError when the service has been added already, or when calls are taken already.
   */
  add<Service extends AnyService>(service: Service, servicer: Partial<Servicer<Service>>): this
  /**
   * Adds a service that runs on worker threads, so that handlers which compute, and so block their thread, hold up nobody
   * else. The module calls `serveWorker(service, servicer)` of `farcall/worker`; the threads start when the server listens.
   * @throws TypeError as above, or for options that are out of range
   */
  add(service: AnyService, module: URL, options: WorkerOptions): this
  /**
   * Begins to take calls at an address, and says at which. May be called several times.
   * @param address `host:port`, `[v6]:port`, `unix:path` or `unix-abstract:name`, where port 0 picks one that is free; or a
   *   socket that listens already, which is closed with the server
   * @throws TypeError for an address that cannot be read, or for plaintext off this machine that was not said; Error when
   *   the address cannot be bound, with the system's `code` (`EADDRINUSE`), or when worker threads cannot be started.
   */
  listen(address: string | HandedOverSocket, options?: ListenOptions): Promise<ListenAddress>
  /**
   * Takes no new calls, lets those that run go on for `graceMs`, then cancels them. Always ends; resolves when no
   * connection is left. Later calls join the first.
   * @throws TypeError for an option that there is not, or one of the wrong kind
   */
  shutdown(options?: ShutdownOptions): Promise<void>
  /** Resolves once the server has shut down and nothing of it is left. */
  readonly closed: Promise<void>
}

/**
 * The server behind the public face, for what adds itself to it.
 * @throws TypeError for one that createServer has not made
 */
export function behind(server: Server): GrpcServer {
  if (server instanceof GrpcServer) return server
  throw withReason("FARCALL_BAD_SERVICE", new TypeError("the server must be one that createServer has made"))
}

/** Told of a shutdown's steps, whoever has streams that would not end of themselves. */
export interface DrainListener {
  /** It begins. What is sent now, within the turn, goes out before clients are told. */
  onDraining(): void
  /** Clients have been told; what goes on is waited for, until the grace is over. */
  onDrainAnnounced(): void
}

const listening = diagnosticsChannel("farcall:server:listening")
const draining = diagnosticsChannel("farcall:server:draining")
const closed = diagnosticsChannel("farcall:server:closed")
const failed = diagnosticsChannel("farcall:server:connection:failed")

/**
 * What servers are made of once they serve, read when the first begins to: a program that only calls others, or is only
 * asked for its `--help`, starts without it.
 */
let serving: typeof import("./serving.js") | undefined

/** Sees to it that `accept` can be called. `start` and `listen` do. */
export async function loadServing(): Promise<typeof import("./serving.js")> {
  return (serving ??= await import("./serving.js"))
}

/** The server behind the public face, with what its parts and `farcall/testing` need of it. */
export class GrpcServer implements Server, ConnectionsHost, CallHost, ServerView {
  readonly router: Router
  readonly compressions: Compressions
  readonly compression: Compression | undefined
  readonly intercept: ((call: ServerCall) => void) | undefined
  readonly tracers: Tracers
  readonly closed: Promise<void>
  readonly clock: Clock
  readonly entity: Entity
  readonly drainListeners: DrainListener[] = []
  /** Told when there are services that there were not before, or one is down or no longer. */
  readonly serviceListeners: (() => void)[] = []
  private readonly options: ServerOptions
  readonly http2: Partial<Limits> | undefined
  readonly keepalive: ServerKeepalive
  readonly age: ConnectionAgeOptions
  private readonly listeners: Set<Listener> = new Set()
  /** There from the first one on. */
  private accepted: ServerConnections | undefined = undefined
  private readonly pools: WorkerPool[] = []
  /** Until they are there, no request could be read. */
  private codecs: Promise<void> | undefined = undefined
  private begun = false
  private shuttingDown: Promise<void> | undefined = undefined
  private resolveClosed!: () => void

  constructor(options: ServerOptions) {
    checkOptions("createServer", options, serverOptions)
    this.options = options
    this.clock = options.clock ?? systemClock
    this.entity = new Entity(this.clock)
    this.tracers = tracersOption("createServer", options.tracers)
    this.compressions = compressionsWith(options.compressions)
    this.compression = this.compressions.choose("createServer", options.compression)
    this.http2 = options.http2
    this.keepalive = serverKeepalive(options.keepalive)
    this.age = checkConnectionAge(options.connections ?? {})
    this.router = new Router(new LimitsByMethod(options))
    if (options.fallback !== undefined) this.router.addFallback(options.fallback)
    this.intercept = options.interceptors?.length ? interceptCalls(options.interceptors) : undefined
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve
    })
    liveServers.add(this)
  }

  static {
    showAs<GrpcServer>(GrpcServer.prototype, "Server", (server) => ({
      services: [...server.router.services.keys()],
      addresses: [...server.listeners].map(({ address }) => String(address)),
      connections: server.accepted?.size ?? 0,
      ...(server.shuttingDown !== undefined && { shutDown: true }),
    }))
  }

  get calls(): CallTally {
    return this.accepted?.calls ?? noCalls
  }

  get listenSockets(): Iterable<ListenSocketView> {
    return [...this.listeners].flatMap(({ sockets }) => sockets)
  }

  get connections(): Iterable<ConnectionView> {
    return this.accepted?.views ?? []
  }

  add<Service extends AnyService>(service: Service, servicer: Partial<Servicer<Service>>): this
  add(service: AnyService, module: URL, options: WorkerOptions): this
  add(service: AnyService, servicer: object, options?: WorkerOptions): this {
    if (this.begun)
      throw withReason("FARCALL_BAD_SERVICE", new TypeError(`add ${service.typeName} before the server listens`))
    this.addService(service, servicer, options)
    return this
  }

  /** Adds a service to a server that serves already, for `farcall/testing`: clients are joined to it by hand. */
  async extend(service: AnyService, servicer: object, options?: WorkerOptions): Promise<void> {
    this.mustServe()
    const running = this.pools.length
    this.addService(service, servicer, options)
    await this.codecs
    await Promise.all(this.pools.slice(running).map((pool) => pool.start()))
  }

  /** Its worker threads have died, and none can be started. */
  isDown(service: string): boolean {
    return this.pools.some((pool) => pool.isDown && pool.service.typeName === service)
  }

  private addService(service: AnyService, servicer: object, options?: WorkerOptions): void {
    const described = isDescribed(service)
    if (described) this.codecs = codecsLoaded()
    this.codecs?.catch(() => {}) // `listen` says so.
    const definition = described ? definitionOf(service) : service
    if (servicer instanceof URL) this.addWorkers(definition, servicer, options)
    else this.router.add(definition, servicer)
    // Before the server serves nobody can have asked.
    if (this.begun) this.onServicesChanged(`serves ${definition.typeName} too`)
  }

  private onServicesChanged(how: string, severity: TraceSeverity = "info"): void {
    this.entity.record(severity, how)
    for (const listener of this.serviceListeners) listener()
  }

  private addWorkers(service: ServiceDefinition, module: URL, options: WorkerOptions | undefined): void {
    if (options === undefined) throw badOption(`say how many workers ${service.typeName} has`)
    checkOptions(`add ${service.typeName}`, options, workerOptions)
    const compressions = (this.options.compressions ?? []).map(({ name }) => name)
    const pool = new WorkerPool(service, module, options, {
      clock: this.clock,
      setup: { farcall: { compressions: ["gzip", "deflate", ...compressions], compression: this.compression?.name } },
      onHandlerError: (error, method) => this.onHandlerError(error, method),
      onPoolTurned: ({ isDown }) => {
        if (isDown) this.onServicesChanged(`has no worker of ${service.typeName}`, "warning")
        else this.onServicesChanged(`has workers of ${service.typeName} again`)
      },
    })
    this.router.add(serviceOfBytes(service), pooledServicer(service, pool), service)
    this.pools.push(pool)
  }

  /** Starts what must run before calls come; `listen` does. @throws Error when worker threads cannot be started */
  async start(): Promise<void> {
    this.mustServe()
    this.router.checkLimits()
    await Promise.all([loadServing(), this.codecs])
    await Promise.all(this.pools.map((pool) => pool.start()))
  }

  async listen(address: string | HandedOverSocket, options: ListenOptions = {}): Promise<ListenAddress> {
    checkOptions("listen", options, listenOptions)
    const [{ Listener }] = await Promise.all([loadServing(), this.start()])
    const { options: own } = this
    const tell = (error: Error): void => this.onConnectionError(error)
    const listener = await Listener.listen(address, {
      credentials: options.credentials,
      maxPendingConnections: options.maxPendingConnections,
      clock: this.clock,
      accept: (wire) => this.accept(wire),
      // Asked for at each error, which is made only where somebody is to be told.
      get onConnectionError() {
        return own.onConnectionError !== undefined || observed || failed.hasSubscribers ? tell : undefined
      },
    })
    if (this.shuttingDown !== undefined) {
      listener.close()
      throw withReason("FARCALL_SHUTTING_DOWN", new Error("the server has been shut down"))
    }
    this.listeners.add(listener)
    this.entity.record("info", `listens on ${listener.address}`)
    if (listening.hasSubscribers) {
      const [address, tls] = [listener.address.toString(), options.credentials?.kind === "tls"]
      listening.publish({ serverId: this.entity.id, address, tls })
    }
    return listener.address
  }

  /** Takes a connection that was made by other means than listening, in memory for instance, once the server has started. */
  accept(wire: Wire): WireHandler {
    this.mustServe()
    this.accepted ??= new serving!.ServerConnections(this)
    return this.accepted.accept(wire)
  }

  shutdown(options: ShutdownOptions = {}): Promise<void> {
    checkOptions("shutdown", options, shutdownOptions)
    return (this.shuttingDown ??= this.shutDown(options.graceMs ?? limits.shutdownGraceMs))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  private async shutDown(graceMs: number): Promise<void> {
    const graceEnd = this.clock.now() + graceMs
    this.entity.record("info", `shuts down, ${graceMs} ms for the calls that run`)
    if (draining.hasSubscribers) {
      draining.publish({ serverId: this.entity.id, graceMs, connections: this.accepted?.size ?? 0 })
    }
    for (const listener of this.listeners) listener.close()
    this.listeners.clear()
    if (this.drainListeners.length > 0) {
      for (const listener of this.drainListeners) listener.onDraining()
      await nextTurn(this.clock)
    }
    this.accepted?.drain()
    for (const listener of this.drainListeners) listener.onDrainAnnounced()
    if (this.accepted !== undefined) await this.lastCalls(this.accepted, graceMs)
    await Promise.all(this.pools.map((pool) => pool.close(graceEnd - this.clock.now())))
    liveServers.delete(this)
    if (closed.hasSubscribers) closed.publish({ serverId: this.entity.id })
    this.resolveClosed()
  }

  /** Waits for the calls that run, until the grace is over. */
  private async lastCalls(accepted: ServerConnections, graceMs: number): Promise<void> {
    const timer = this.clock.after(graceMs, () => {
      this.entity.record("warning", "the grace period is over: calls are cancelled")
      accepted.close("the server's grace period is over")
    })
    await accepted.gone()
    timer.cancel()
  }

  private mustServe(): void {
    if (this.shuttingDown !== undefined)
      throw withReason("FARCALL_SHUTTING_DOWN", new Error("the server has been shut down"))
    this.begun = true
  }

  private onConnectionError(error: Error): void {
    this.entity.record("warning", error.message)
    if (failed.hasSubscribers) failed.publish({ serverId: this.entity.id, error })
    try {
      this.options.onConnectionError?.(error)
    } catch (fault) {
      console.error("[FARCALL_CALLBACK_FAILED] onConnectionError failed:", fault)
    }
  }

  // ── for its calls ──

  createCall(stream: CallStream, route: Route, block: HeaderBlock, timeoutMs: number): ProtocolCall {
    return new serving!.ServerCall(stream, route, block, timeoutMs, this)
  }

  onHandlerError(error: unknown, method: AnyMethod): void {
    const { onHandlerError = printHandlerError } = this.options
    try {
      onHandlerError(error, method)
    } catch (fault) {
      // It concerns no call, and must not take down the connection on whose behalf it was told.
      printHandlerError(error, method)
      console.error("[FARCALL_CALLBACK_FAILED] onHandlerError failed:", fault)
    }
  }
}

function printHandlerError(error: unknown, method: AnyMethod): void {
  console.error(`[FARCALL_HANDLER_FAILED] the handler of ${method.path} failed:`, error)
}

import { inspect } from "node:util"
import { isMainThread, type MessagePort, parentPort, workerData } from "node:worker_threads"
import type { CallTracer } from "../../core/call-tracer.js"
import { type Compression, Compressions } from "../../core/compression.js"
import { checkOptions, type KnownOptions } from "../../core/known-options.js"
import { reasonOf, withReason } from "../../core/reason.js"
import type { AnyMethod, ServiceDefinition } from "../../core/service.js"
import { StatusError } from "../../core/status-error.js"
import { type Tracers, tracersOption } from "../../core/tracers.js"
import { traceWorkerCall } from "../../core/worker-call-tracing.js"
import { type AnyService, codecsLoaded, definitionOf, isDescribed } from "../../schema/described-service.js"
import { type CallHost, ServerCall } from "../call.js"
import { LimitsByMethod } from "../method-limits.js"
import { Router } from "../router.js"
import type { Servicer } from "../servicer.js"
import {
  type CallFrame,
  costOf,
  type FromWorker,
  type RequestFrame,
  type ToWorker,
  type WorkerSetup,
} from "./frames.js"
import { PortStream } from "./port-stream.js"

/** What a worker thread can be told, all of it optional. */
export interface ServeWorkerOptions {
  /**
   * What stands around the thread's handlers where the server's tracers watch their calls: with `openTelemetry()` of
   * `farcall/opentelemetry` on both, a handler runs in the context of its server's span.
   */
  readonly tracers?: readonly CallTracer[] | undefined
}

const serveWorkerOptions: KnownOptions<ServeWorkerOptions> = { tracers: "array" }

/**
 * Serves a service on a worker thread. It is what the module does that `server.add(service, new URL(…), { workers })`
 * names:
 *
 *     import { serveWorker } from "farcall/worker"
 *     serveWorker(Digestor, { getDigestor: (request) => … })
 *
 * Each thread loads the module for itself; what is shared has to be shared by other means. A module serves once.
 * @param servicer as `server.add` takes it in the server's own thread; a method that is left out answers UNIMPLEMENTED
 * @throws TypeError when it is called anywhere else, or twice, or for an option that is none
 */
export function serveWorker<Service extends AnyService>(
  service: Service,
  servicer: Partial<Servicer<Service>>,
  options: ServeWorkerOptions = {},
): void {
  const setup = (workerData as Partial<WorkerSetup> | null)?.farcall
  if (isMainThread || parentPort === null || setup === undefined) {
    throw withReason(
      "FARCALL_BAD_SERVICE",
      new TypeError("serveWorker is for the module that server.add(service, new URL(…), { workers }) names"),
    )
  }
  if (serving)
    throw withReason(
      "FARCALL_BAD_SERVICE",
      new TypeError("this module serves already: one serveWorker, of one service"),
    )
  checkOptions("serveWorker", options, serveWorkerOptions)
  const tracers = tracersOption("serveWorker", options.tracers)
  serving = true
  const given: AnyService = service
  const definition = isDescribed(given) ? definitionOf(given) : given
  const worker = new WorkerServer(parentPort, definition, servicer, setup, tracers)
  const loaded = isDescribed(given) ? codecsLoaded() : undefined
  if (loaded === undefined) worker.begin()
  else void loaded.then(() => worker.begin())
}

let serving = false

/** The calls of a worker thread, one after the other. */
class WorkerServer implements CallHost {
  readonly intercept = undefined
  private readonly port: MessagePort
  private readonly service: ServiceDefinition
  private readonly router: Router = new Router(new LimitsByMethod({}))
  private readonly compressions: Compressions
  private readonly compression: Compression | undefined
  private readonly tracers: Tracers
  private call: ServerCall | undefined = undefined
  private stream: PortStream | undefined = undefined

  constructor(
    port: MessagePort,
    service: ServiceDefinition,
    servicer: object,
    setup: WorkerSetup["farcall"],
    tracers: Tracers,
  ) {
    this.port = port
    this.tracers = tracers
    this.service = service
    this.router.add(service, servicer)
    this.compressions = new Compressions(setup.compressions.map(compressionElsewhere))
    this.compression = this.compressions.choose("serveWorker", setup.compression)
  }

  begin(): void {
    this.port.on("message", (frame: ToWorker) => this.onFrame(frame))
    const paths = Object.values(this.service.methods).map(({ path }) => path)
    this.tell({
      type: "ready",
      service: this.service.typeName,
      paths: paths.filter((path) => this.router.find(path)?.handler !== undefined),
    })
  }

  onHandlerError(error: unknown, { path }: AnyMethod): void {
    const reason = reasonOf(error)
    try {
      this.tell({ type: "failed", path, error, reason })
    } catch {
      // Not everything that can be thrown can cross to another thread.
      this.tell({ type: "failed", path, error: new Error(inspect(error)), reason })
    }
  }

  private tell(frame: FromWorker): void {
    this.port.postMessage(frame)
  }

  private onFrame(frame: ToWorker): void {
    switch (frame.type) {
      case "call":
        this.onCall(frame)
        break
      case "request":
        this.onRequest(frame)
        break
      case "taken":
        this.stream?.onTaken(frame.cost)
        break
      case "cancel":
        this.stream?.silence()
        this.call?.onProtocolError(StatusError.fromWire(frame.codeNumber, frame.message, { reason: frame.reason }))
        break
    }
  }

  private onCall(frame: CallFrame): void {
    // The server has been told what there is, and sends nothing else.
    const route = this.router.find(frame.path)!
    const tracing = traceWorkerCall(frame.traced, this.tracers)
    const stream = new PortStream(this.port, frame, route.method, this.compressions, this.compression, tracing, () => {
      this.call = undefined
      this.stream = undefined
    })
    const call = new ServerCall(stream, route, stream, frame.timeoutMs, this)
    stream.onWritable = () => call.onWritable()
    this.call = call
    this.stream = stream
    call.start(frame.timeoutMs)
    if (frame.request === undefined) return
    this.onRequest({ type: "request", request: frame.request })
    this.onRequest({ type: "request", request: undefined })
  }

  private onRequest({ request }: RequestFrame): void {
    const { call, stream } = this
    if (call === undefined || stream === undefined) return
    if (request === undefined) {
      stream.requestsEnded = true
      call.onRequestsEnd()
    } else {
      const { bytes } = request
      stream.onRequest(request.compressed)
      call.onMessage(bytes, 0, bytes.length, true, costOf(bytes))
    }
  }
}

/** The server's thread compresses; here is only the name. */
function compressionElsewhere(name: string): Compression {
  const elsewhere = (): never => {
    throw new Error(`${name} is not a worker's business`)
  }
  return { name, compress: elsewhere, decompress: elsewhere }
}

import type { ChannelCall, ClientStream, ClientTransport, RequestHead, StreamListener } from "../client/transport.js"
import type { Clock, Timer } from "../core/clock.js"
import { withReason } from "../core/reason.js"
import type { AnyMethod, ByteSink } from "../core/service.js"
import type { Status } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import type { Backoff } from "./backoff.js"

/**
 * Asks a server by `grpc.health.v1.Health/Watch` how a service of its fares, for as long as the connection lasts (gRPC
 * A17, "Client Workflow"). A call that ends is made again: at once when it had brought an answer, else after a backoff.
 */
export class HealthWatch implements ChannelCall, RequestHead, StreamListener {
  readonly method: AnyMethod = watchMethod
  readonly authority: string
  readonly metadata: undefined = undefined
  readonly credentials: undefined = undefined
  readonly config: undefined = undefined
  readonly compression: undefined = undefined
  readonly tracing: undefined = undefined
  readonly timeoutMs: number = Number.POSITIVE_INFINITY
  readonly waitForReady: boolean = false
  private readonly options: HealthWatchOptions
  private stream: ClientStream | undefined = undefined
  private timer: Timer | undefined = undefined
  private answered = false
  private stopped = false

  constructor(options: HealthWatchOptions) {
    this.options = options
    this.authority = options.authority
  }

  start(): void {
    this.answered = false
    const { transport, beginOn } = this.options
    if (!beginOn(this, transport))
      this.end(withReason("FARCALL_UNHEALTHY", new Error("there is no room for its health to be watched")))
  }

  /** Nobody wants to know any more. */
  stop(): void {
    this.stopped = true
    this.timer?.cancel()
    this.stream?.cancel()
  }

  begin(transport: ClientTransport): boolean {
    if (this.stopped) return true
    this.stream = transport.open(this, this)
    this.stream?.sendMessage(this.options.service, true)
    return this.stream !== undefined
  }

  fail(error: StatusError): void {
    this.end(error)
  }

  onHeaders(): void {}
  onWritable(): void {}

  onMessage(bytes: Uint8Array, start: number, stop: number, _owned: boolean, wireBytes: number): boolean {
    const { service, listener, backoff } = this.options
    const health = readHealth(bytes, start, stop)
    this.answered = true
    backoff.reset()
    this.stream!.consumed(wireBytes)
    const what = service === "" ? "the server" : service
    listener.onHealth(
      health === SERVING
        ? undefined
        : withReason("FARCALL_UNHEALTHY", new Error(`${what} is ${healthNames[health] ?? "UNKNOWN"} there`)),
    )
    return true
  }

  onPartial(wireBytes: number): void {
    this.stream!.consumed(wireBytes)
  }

  onEnd({ code, codeNumber, message }: Status): void {
    this.stream = undefined
    // A server that has no such service is taken at its connection.
    if (code === "UNIMPLEMENTED") this.options.listener.onHealth(undefined)
    else if (code === "OK") this.end(withReason("FARCALL_UNHEALTHY", new Error("the watch of its health ended")))
    else this.end(StatusError.fromWire(codeNumber, `the watch of its health ended ${code}: ${message}`))
  }

  private end(error: Error): void {
    if (this.stopped) return
    const { clock, backoff, listener } = this.options
    const wait = this.answered ? 0 : backoff.next()
    this.timer = clock.after(wait, () => {
      listener.onWatchAgain()
      this.start()
    })
    listener.onHealth(error)
  }
}

export interface HealthWatchOptions {
  readonly transport: ClientTransport
  readonly authority: string
  /** The service's name; empty: the server as a whole. */
  readonly service: string
  readonly clock: Clock
  readonly backoff: Backoff
  readonly listener: HealthListener
  /** Begins a call on a connection, with the credentials that the channel's calls bring; false when it has no room. */
  beginOn(call: ChannelCall, transport: ClientTransport): boolean
}

interface HealthListener {
  /** The service is well; or it is not, and why. */
  onHealth(trouble: Error | undefined): void
  /** After a call that ended, the next one starts. */
  onWatchAgain(): void
}

/** The names of `grpc.health.v1.HealthCheckResponse.ServingStatus`. */
const healthNames = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"]
const SERVING = 1

/** The core knows nothing of protobuf, and these two messages are of one field each. */
const watchMethod: AnyMethod = {
  name: "Watch",
  path: "/grpc.health.v1.Health/Watch",
  kind: "serverStreaming",
  input: {
    typeName: "grpc.health.v1.HealthCheckRequest",
    encode: writeService,
    decode: () => {
      throw new TypeError("a client reads no HealthCheckRequest")
    },
  },
  output: {
    typeName: "grpc.health.v1.HealthCheckResponse",
    encode: () => {
      throw new TypeError("a client writes no HealthCheckResponse")
    },
    decode: readHealth,
  },
}

/** `string service = 1`. */
function writeService(service: string, sink: ByteSink, position: number): number {
  const text = new TextEncoder().encode(service)
  if (text.length === 0) return position
  const head = [0x0a]
  let length = text.length
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80)
  head.push(length)
  const stop = position + head.length + text.length
  if (stop > sink.limit) {
    const grown = new Uint8Array(stop)
    grown.set(sink.buffer.subarray(sink.start, position), sink.start)
    sink.buffer = grown
    sink.limit = stop
  }
  sink.buffer.set(head, position)
  sink.buffer.set(text, position + head.length)
  return stop
}

/** `ServingStatus status = 1`, the last one where it stands several times; what is not to be read is UNKNOWN. */
function readHealth(bytes: Uint8Array, start: number, stop: number): number {
  let health = 0
  let at = start
  const varint = (): number => {
    let value = 0
    for (let scale = 1; at < stop; scale *= 128) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
    }
    return value
  }
  while (at < stop) {
    const tag = varint()
    const type = tag % 8
    if (type === 0) {
      const value = varint()
      if (tag === 0x08) health = value
    } else if (type === 2) {
      const length = varint()
      at += length
    } else if (type === 1) at += 8
    else if (type === 5) at += 4
    else return 0
  }
  return health
}

import type { CallCounts, CallTally } from "../core/call-counts.js"
import type { CallTracer, Ender } from "../core/call-tracer.js"
import type { AttemptTracing } from "../core/client-call-tracing.js"
import type { Clock } from "../core/clock.js"
import type { ConnectivityState } from "../core/connectivity.js"
import type { MessageKeeper } from "../core/encoded-message.js"
import type { Metadata } from "../core/metadata.js"
import type { Reason } from "../core/reason.js"
import type { ConnectionView } from "../core/registry.js"
import type { AnyMethod } from "../core/service.js"
import type { Status } from "../core/status.js"
import type { StatusError } from "../core/status-error.js"
import type { AppliedConfig } from "./applied-config.js"
import type { AuthorizedCall } from "./authorized-call.js"
import type { CallCredentials } from "./call-credentials.js"
import type { QueuePlace } from "./call-queue.js"
import type { RetryResources } from "./retry-resources.js"
import type { MethodConfig } from "./service-config.js"

/**
 * What a client knows of the network, from the top: a `Channel` finds a ready `ClientTransport` for a `ChannelCall`,
 * which opens a `ClientStream` on it and is told by its `StreamListener` what comes back.
 */
export interface Channel {
  /** The target as it was given: `dns:///localhost:50051`. */
  readonly target: string
  /** `:authority` of its calls, unless a call overrides it (gRPC A41). */
  readonly authority: string
  readonly clock: Clock
  readonly state: ConnectivityState
  /** How its calls are to be made, by its service config; `undefined`: nothing is said. */
  readonly config: AppliedConfig | undefined
  /** What watches its calls, beside what watches all of the process; `undefined`: nothing. */
  readonly tracers?: readonly CallTracer[] | undefined
  /** What its calls keep, to send it again. */
  readonly retries: RetryResources
  /**
   * Finds a connection for the call: `call.begin` is called at once when one is ready, else later; or `call.fail` when
   * there is none to be had and the call does not wait for one.
   */
  start(call: ChannelCall): void
  /** The call no longer wants a connection: its deadline has passed, or it was cancelled. */
  withdraw(call: ChannelCall): void
  /** In a few words, what a call that waits is waiting for, with the last error met: for the text of its status. */
  describeWait(call?: ChannelCall): string
  /** The last error met in the search for a connection, until there is one. */
  readonly lastError: Error | undefined
  /** Its calls, for who looks in from outside; each call counts itself here. */
  readonly calls?: CallCounts | undefined
  /** Ends every connection and call (CANCELLED … UNAVAILABLE as they stand); resolves when all is released. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A call in search of a connection. */
export interface ChannelCall {
  readonly method: AnyMethod
  readonly authority: string
  /** What it brings of its own to prove who makes it, beside what the channel has all calls bring. */
  readonly credentials: CallCredentials | undefined
  /** It waits through failures to connect, until its deadline or its signal (checklist point 49). */
  readonly waitForReady: boolean
  /** Opens its stream on `transport`; false when the transport could take none just now, and the call goes on waiting. */
  begin(transport: ClientTransport): boolean
  /** There is no connection for it. */
  fail(error: StatusError): void
  /** It began before the channel knew its service config, which is there now: it is to start again. */
  restart?(): void
  /** Where it waits. The queue's own. */
  queuePlace?: QueuePlace | undefined
  /** What looks for a connection in its place, while it brings call credentials. The channel's own. */
  standIn?: AuthorizedCall | undefined
}

/** A connection to one server that is ready for calls. */
export interface ClientTransport {
  /** The address it goes to: `ipv4:127.0.0.1:50051`, `unix:/run/x.sock`, `in-memory:7`. */
  readonly peer: string
  /** How many streams it has now. */
  readonly openStreams: number
  /** Nobody else hears what is sent, so that call credentials may go with it. */
  readonly secure: boolean
  /** The connections of HTTP/2 that it stands on, for who looks in from outside. */
  readonly connections?: Iterable<ConnectionView> | undefined
  /** What it has carried, for the same. */
  readonly calls?: CallTally | undefined
  /**
   * Opens a stream and sends its headers; `undefined` at the peer's limit of streams, and from when it takes no more of
   * them: GOAWAY was seen, it drains, it is closed, or its ids are used up.
   * @throws StatusError when this server would not take such a request
   */
  open(request: RequestHead, listener: StreamListener): ClientStream | undefined
  /** Takes no new streams, and closes once those it has are over. */
  drain(): void
  /** Closes now: its streams end UNAVAILABLE with `reason` as the text. */
  close(reason: string): void
}

/** What a transport tells its owner (a subchannel). */
export interface TransportListener {
  /** A stream can be opened again, after one could not. */
  onCapacity(): void
  /** The transport takes no more streams, while streams may still be running on it; `reason` says why. */
  onDraining(reason: string): void
  /** It is closed, and all its streams have ended. */
  onClosed(error: Error | undefined): void
}

/** The head of a request. */
export interface RequestHead {
  readonly method: AnyMethod
  readonly authority: string
  /** `undefined`: nothing beyond gRPC's own. */
  readonly metadata: Metadata | undefined
  /** Milliseconds left until the deadline, `Infinity` without one. */
  readonly timeoutMs: number
  /** What the service config says of the method. */
  readonly config: MethodConfig | undefined
  /** How the requests are compressed, by its name; `undefined`: not at all. */
  readonly compression: string | undefined
  /** Those who watch the attempt; `undefined`: nobody. The stream tells them what comes and goes, its owner of the end. */
  readonly tracing: AttemptTracing | undefined
}

/** The sending side of a call's stream. */
export interface ClientStream {
  /** Sends one request message; with `end`, the last one. `keeper` is shown its bytes. */
  sendMessage(message: unknown, end: boolean, keeper?: MessageKeeper): void
  /** The same with an `encodedMessage`: `bytes` has room for the prefix in front, and never changes but for that. */
  sendEncoded(bytes: Uint8Array, end: boolean): void
  /** Ends the requests. */
  end(): void
  /** False: more than the send buffer is waiting already; `onWritable` tells when to go on. */
  readonly writable: boolean
  /** The server has shown that it knows the stream: nothing that was sent on it need be kept to be sent again. */
  readonly seen: boolean
  /** Gives credit for response bytes that the application has taken. */
  consumed(bytes: number): void
  /** Lets the rest of a large response message come without waiting for credit. */
  expect(bytes: number): void
  /** Whether the response message taken last was compressed on the wire. */
  readonly takenCompressed: boolean
  /** Resets the stream with CANCEL; the listener hears nothing more. */
  cancel(): void
}

/** The receiving side of a call's stream. Ends with exactly one `onEnd`, unless the stream was cancelled. */
export interface StreamListener {
  /** Response headers that are not Trailers-Only. */
  onHeaders(block: ReceivedFields): void
  /**
   * A whole response message: bytes[start…stop), to be used before returning unless `owned`. `wireBytes` are to be given
   * to `consumed` when the application has taken it. Returns false to be told of no more.
   */
  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean
  /** Bytes of a message that is not whole yet, of which `missing` are to come as far as is known. */
  onPartial(wireBytes: number, missing: number): void
  onWritable(): void
  /** The call is over. `failure` tells of an end that did not come as trailers from the server. */
  onEnd(status: Status, trailers: ReceivedFields | undefined, failure: StreamFailure | undefined): void
}

/** A header list that came: name, value, name, value … Shared between calls: never changed. */
export interface ReceivedFields {
  readonly fields: readonly string[]
  get(name: string): string | undefined
  readonly status: string | undefined
}

export interface StreamFailure {
  /** False only when the server certainly never saw the request, so that it may be sent again (gRPC A6, transparent retry). */
  readonly mayHaveBeenProcessed: boolean
  /** It never left this side. */
  readonly neverSent: boolean
  readonly endedBy: Ender
  readonly cause: unknown
  readonly reason?: Reason | undefined
}

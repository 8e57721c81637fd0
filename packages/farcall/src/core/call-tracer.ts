import type { AuthContext } from "./auth-context.js"
import type { Clock } from "./clock.js"
import type { Metadata } from "./metadata.js"
import type { AnyMethod } from "./service.js"
import type { Status } from "./status.js"
import type { StatusError } from "./status-error.js"

/**
 * Watches calls from within: what metrics, traces and logs are made of. Given to a channel or a server by `tracers`, or
 * to all of the process by `globalTracers`. It is told when a call begins, and answers with what is to be told of that
 * call, or with `undefined` when it is no concern of its own.
 *
 *     client  clientCall ─┬─ attempt ── onStream ── onMessageSent … onHeaders … onMessageReceived … ── onEnd ─┬─ onEnd
 *                         └─ attempt, by a retry policy, a hedging policy or transparently ── … ── onEnd ─────┘
 *     server  serverCall ── run ── onHandler … onMessageReceived … onHeadersSent … onMessageSent … ── onEnd
 *     worker       └── onWorker ──> workerCall ── run
 *
 * Each call and each attempt ends in exactly one `onEnd`, behind which nothing more is told of it. Callbacks run within
 * the call, so they are to be quick. What one throws harms no call: `onError` is told of it.
 */
export interface CallTracer {
  /** False: not to be asked about calls that begin now. Asked at each, so that it can be switched while calls run. */
  readonly enabled?: boolean | undefined
  /** A client's call begins, behind its interceptors. */
  clientCall?(call: ClientCallStart): ClientCallTrace | undefined
  /** A server's call begins: its headers have come. Told of those too that come to no handler, but not of what is no gRPC. */
  serverCall?(call: ServerCallStart): ServerCallTrace | undefined
  /**
   * On a worker thread, of a tracer that `serveWorker` was given or that is the thread's own global one: a call has come,
   * with what `onWorker` of the server's tracers has sent along. Of what is returned only `run` is told, and it is the
   * `parentTrace` of calls that are made with `{ parent: context }`. Not told of calls with which nothing was sent along.
   */
  workerCall?(carried: Metadata): ServerCallTrace | undefined
  /** Told what the tracer's own callbacks threw. Without it the first is printed on stderr. */
  onError?(error: unknown): void
}

/** Who ended a call: one of its two sides, by a status or by resetting it, or what should have been between them. */
export type Ender = "client" | "server" | "connection"

/** How a call ended, or an attempt. */
export interface CallEnd {
  readonly status: Status
  readonly endedBy: Ender
  /** When, by the clock's `now`: of what the server said, when it came. */
  readonly at: number
  /**
   * The same as an error, with its cause, where one was made: what a handler threw is the cause of UNKNOWN, for
   * instance. Of a call that ended OK there is none.
   */
  readonly error: StatusError | undefined
  /** What came, or went, with the status. Made anew at each look. */
  readonly trailers: Metadata
}

/** The messages of a call on its server, or of an attempt on its client. Each direction is numbered from 0 on. */
export interface MessageEvents {
  /**
   * A message has been given to the connection.
   * @param size bytes of the message as it was encoded
   * @param wireSize bytes of it as it goes on the wire, without gRPC's prefix of five bytes
   */
  onMessageSent?(sequence: number, size: number, wireSize: number, compressed: boolean): void
  /** A message has come, and is about to be decoded. Parameters as of `onMessageSent`. */
  onMessageReceived?(sequence: number, size: number, wireSize: number, compressed: boolean): void
}

/**
 * What of a call on its server, or of an attempt on its client, has gone over the wire so far. Bytes are those of messages
 * as they are on the wire, without gRPC's prefixes of five bytes.
 */
export interface MessageTotals {
  readonly sentMessages: number
  readonly sentBytes: number
  readonly receivedMessages: number
  readonly receivedBytes: number
}

// ── on a client ──

/** What is known of a client's call as it begins. Its messages are those of all its attempts. */
export interface ClientCallStart extends MessageTotals {
  /** Of the call, in this process, among those of both sides that are traced. */
  readonly id: number
  readonly method: AnyMethod
  /** The channel's, as it was given. */
  readonly target: string
  readonly authority: string
  /** What the call sends along, as a copy: what is changed here goes with each attempt. */
  readonly metadata: Metadata
  /** Milliseconds that the call's own options allow it, `Infinity` without a limit. */
  readonly timeoutMs: number
  /** What the same tracer watches the call with whose handler makes this one, by `{ parent: context }`. */
  readonly parentTrace: ServerCallTrace | undefined
  readonly clock: Clock
  /**
   * When the turn of the event loop was over in which it began, by the clock's `now`: that is when requests leave. As long
   * as that turn runs: when the first call began in it that is traced.
   */
  readonly startedAt: number
  /** Those that have begun so far, in order. Made anew at each look. */
  readonly attempts: readonly AttemptStart[]
}

/** What is to be told of one call of a client; the same may be told of any number of them. */
export interface ClientCallTrace {
  /** An attempt begins: it looks for a connection. */
  attempt?(attempt: AttemptStart, call: ClientCallStart): AttemptTrace | undefined
  /** The call is over, and so are its attempts. */
  onEnd?(end: CallEnd, call: ClientCallStart): void
}

/** What is known of an attempt as it begins. */
export interface AttemptStart extends MessageTotals {
  /** From 1 on; one that is made anew transparently has the same number. */
  readonly number: number
  /** The server never saw it before (gRPC A6, transparent retry). */
  readonly transparent: boolean
  /** It is made beside others that may still run, by a hedging policy. */
  readonly hedged: boolean
  /** Milliseconds that the call has waited for it by its policy. */
  readonly delayMs: number
  /** When it began, as it is told of calls. */
  readonly startedAt: number
  /** What this attempt sends along, as a copy: what is changed here goes with it alone. */
  readonly metadata: Metadata
}

/** What is to be told of one attempt of a call; the same may be told of any number of them. */
export interface AttemptTrace extends MessageEvents {
  /** It has a connection and a stream on it: its headers have been sent. Never told of one for which there was none. */
  onStream?(stream: TracedStream): void
  /** The response's headers have come. Not told where a status came alone. */
  onHeaders?(headers: () => Metadata): void
  onEnd?(end: CallEnd, attempt: AttemptStart): void
}

/** The stream of an attempt. */
export interface TracedStream {
  /** The server's address: `ipv4:127.0.0.1:50051`, `unix:/run/x.sock`. */
  readonly peer: string
  /** Of the connection, in this process. */
  readonly connectionId: number
  /** HTTP/2's. */
  readonly streamId: number
  /** How the requests are compressed; `undefined`: not at all. */
  readonly compression: string | undefined
}

// ── on a server ──

/** What is known of a call at its server when its headers have come. */
export interface ServerCallStart extends MessageTotals {
  /** Of the call, in this process, among those of both sides that are traced. */
  readonly id: number
  /** As the client wrote it: `/package.Service/Method`, or anything else. */
  readonly path: string
  /** `undefined` where no service that was added has it. */
  readonly method: AnyMethod | undefined
  readonly authority: string | undefined
  /** What the client sent along. To be looked at; changes reach nobody. */
  readonly metadata: Metadata
  /** The client's address. */
  readonly peer: string
  readonly auth: AuthContext | undefined
  /** Of the connection, in this process. */
  readonly connectionId: number
  /** HTTP/2's. */
  readonly streamId: number
  /** Milliseconds that the client allows, `Infinity` without a limit. */
  readonly timeoutMs: number
  readonly clock: Clock
  /** When its headers came, by the clock's `now`. */
  readonly startedAt: number
}

/** What is to be told of one call at its server; the same may be told of any number of them. */
export interface ServerCallTrace extends MessageEvents {
  /**
   * Runs the call's interceptors and handler, for a tracer that has something to set up around them. `call` is to be
   * called at once; if it has not been when this returns, it is called then.
   */
  run?(call: () => void): void
  /** The handler is called. Not told of calls that come to none. */
  onHandler?(): void
  /** The call is given to a worker thread: what is put into `carried` comes to `workerCall` of the tracers there. */
  onWorker?(carried: Metadata): void
  /** The response's headers are sent. Not told where a status goes alone. */
  onHeadersSent?(headers: () => Metadata): void
  /** The call is over, though its handler may still run. */
  onEnd?(end: CallEnd, call: ServerCallStart): void
}

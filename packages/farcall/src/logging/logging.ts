import type {
  AttemptStart,
  AttemptTrace,
  CallEnd,
  CallTracer,
  ClientCallStart,
  ClientCallTrace,
  MessageEvents,
  ServerCallStart,
  ServerCallTrace,
  TracedStream,
} from "../core/call-tracer.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import type { Metadata } from "../core/metadata.js"
import { attemptNumberOf } from "../core/previous-attempts.js"
import { reasonOf, withReason } from "../core/reason.js"
import { type ShownMetadata, shownOf } from "../core/shown-metadata.js"
import type { StatusCode } from "../core/status.js"
import { type LoggedCall, lineOf } from "./logged-call.js"
import type { Logger, LogLevel } from "./logger.js"

/** What is logged of calls, and where it goes. */
export interface LoggingOptions {
  /**
   * Takes the line of a call that has ended: a logger, by the line's level, or a function that is given the line, what it
   * is made of, and the level. Default: the line goes to stderr.
   */
  readonly log?: Logger | ((line: string, call: LoggedCall, level: LogLevel) => void) | undefined
  /** How much a call matters; `undefined`: it is not logged. Default: by its status, `levelOf`. */
  readonly level?: ((call: LoggedCall) => LogLevel | undefined) | undefined
  /**
   * What is shown of the metadata that the client sent. `true`: all keys, and the values of those whose name does not speak
   * of secrets; a list: the values of these keys alone, whatever their names, and the other keys. Default `false`: nothing.
   */
  readonly metadata?: boolean | readonly string[] | undefined
  /** The key of the metadata whose value is told as the request's id. Default `"x-request-id"`. */
  readonly requestId?: string | undefined
}

const loggingOptions: KnownOptions<LoggingOptions> = {
  log: ["object", "function"],
  level: "function",
  metadata: ["boolean", "array"],
  requestId: "string",
}

/**
 * One line a call, when it has ended, for the `tracers` of a server, a channel or the whole process. Being a tracer it sees
 * what comes to no interceptor too: methods that are not there, calls that limits turn away, malformed requests.
 */
export function logging(options: LoggingOptions = {}): CallTracer {
  checkOptions("logging", options, loggingOptions)
  const { log = printed, level = ({ status }: LoggedCall) => levelOf(status.code), metadata = false } = options
  if (typeof log !== "function" && typeof log.info !== "function") {
    throw withReason("FARCALL_BAD_OPTION", new TypeError("logging: log must be a logger, or a function"))
  }
  const shown = Array.isArray(metadata) ? new Set(metadata.map((key) => key.toLowerCase())) : metadata === true
  const target: LogTarget = {
    shown,
    requestId: options.requestId ?? "x-request-id",
    take(call) {
      const importance = level(call)
      if (importance === undefined) return
      if (typeof log === "function") log(lineOf(call), call, importance)
      else log[importance](lineOf(call))
    },
  }
  return {
    clientCall: (call) => new LoggedClientCall(call, target),
    serverCall: (call) => new LoggedServerCall(call, target),
  }
}

/**
 * How much a call matters that ended with this status: `error` where the fault is the server's own (UNKNOWN, UNIMPLEMENTED,
 * INTERNAL, DATA_LOSS), `warn` where somebody should look if there are many, `info` for OK and what a client may well do.
 */
export function levelOf(code: StatusCode): LogLevel {
  return levels.get(code) ?? "info"
}

const levels: ReadonlyMap<StatusCode, LogLevel> = new Map<StatusCode, LogLevel>([
  ["UNKNOWN", "error"],
  ["UNIMPLEMENTED", "error"],
  ["INTERNAL", "error"],
  ["DATA_LOSS", "error"],
  ["DEADLINE_EXCEEDED", "warn"],
  ["PERMISSION_DENIED", "warn"],
  ["RESOURCE_EXHAUSTED", "warn"],
  ["FAILED_PRECONDITION", "warn"],
  ["ABORTED", "warn"],
  ["OUT_OF_RANGE", "warn"],
  ["UNAVAILABLE", "warn"],
])

function printed(line: string): void {
  console.error(line)
}

/** Where calls are told, and what of them. */
interface LogTarget {
  readonly shown: ShownMetadata
  readonly requestId: string
  take(call: LoggedCall): void
}

/** What goes over the wire for a call. */
class MessageCounts implements MessageEvents {
  sentMessages = 0
  sentBytes = 0
  receivedMessages = 0
  receivedBytes = 0

  onMessageSent(_sequence: number, _size: number, wireSize: number): void {
    this.sentMessages++
    this.sentBytes += wireSize
  }

  onMessageReceived(_sequence: number, _size: number, wireSize: number): void {
    this.receivedMessages++
    this.receivedBytes += wireSize
  }
}

/** All attempts of a call, together. */
class LoggedAttempts extends MessageCounts implements AttemptTrace {
  peer: string | undefined = undefined

  onStream({ peer }: TracedStream): void {
    this.peer = peer
  }
}

class LoggedClientCall implements ClientCallTrace {
  private readonly call: ClientCallStart
  private readonly target: LogTarget
  private readonly begun: number
  private readonly made = new LoggedAttempts()
  private attempts = 1

  constructor(call: ClientCallStart, target: LogTarget) {
    this.call = call
    this.target = target
    this.begun = call.clock.now()
  }

  attempt({ number }: AttemptStart): AttemptTrace {
    this.attempts = Math.max(this.attempts, number)
    return this.made
  }

  onEnd(end: CallEnd): void {
    const { call, target, made } = this
    const { path, kind } = call.method
    target.take({
      side: "client",
      path,
      kind,
      peer: made.peer,
      ...endingOf(end, call.clock.now() - this.begun),
      ...sizesOf(made),
      attempts: this.attempts,
      ...wordsOf(call.metadata, target),
    })
  }
}

class LoggedServerCall extends MessageCounts implements ServerCallTrace {
  private readonly call: ServerCallStart
  private readonly target: LogTarget
  private readonly begun: number

  constructor(call: ServerCallStart, target: LogTarget) {
    super()
    this.call = call
    this.target = target
    this.begun = call.clock.now()
  }

  onEnd(end: CallEnd): void {
    const { call, target } = this
    const { path, method, peer, metadata } = call
    target.take({
      side: "server",
      path,
      kind: method?.kind,
      peer,
      ...endingOf(end, call.clock.now() - this.begun),
      ...sizesOf(this),
      attempts: attemptNumberOf(metadata),
      ...wordsOf(metadata, target),
    })
  }
}

type Ending = Pick<LoggedCall, "status" | "endedBy" | "reason" | "durationMs">

function endingOf({ status, endedBy, error }: CallEnd, durationMs: number): Ending {
  return { status, endedBy, reason: reasonOf(error), durationMs }
}

type Sizes = Pick<LoggedCall, "sentMessages" | "sentBytes" | "receivedMessages" | "receivedBytes">

function sizesOf({ sentMessages, sentBytes, receivedMessages, receivedBytes }: MessageCounts): Sizes {
  return { sentMessages, sentBytes, receivedMessages, receivedBytes }
}

function wordsOf(metadata: Metadata, { requestId, shown }: LogTarget): Pick<LoggedCall, "requestId" | "metadata"> {
  const id = metadata.get(requestId)
  return { requestId: typeof id === "string" ? id : undefined, metadata: shownOf(metadata, shown) }
}

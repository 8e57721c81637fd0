import type {
  AttemptStart,
  AttemptTrace,
  CallEnd,
  CallTracer,
  ClientCallStart,
  ClientCallTrace,
  MessageTotals,
  ServerCallStart,
  ServerCallTrace,
  TracedStream,
} from "../core/call-tracer.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import type { Metadata } from "../core/metadata.js"
import { attemptNumberOf } from "../core/previous-attempts.js"
import { badOption, reasonOf } from "../core/reason.js"
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
    throw badOption("logging: log must be a logger, or a function")
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

/** All attempts of a call, together. */
class LoggedAttempts implements AttemptTrace {
  peer: string | undefined = undefined
  readonly begun: AttemptStart[] = []

  onStream({ peer }: TracedStream): void {
    this.peer = peer
  }

  get totals(): MessageTotals {
    const totals = { sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0 }
    for (const attempt of this.begun) {
      totals.sentMessages += attempt.sentMessages
      totals.sentBytes += attempt.sentBytes
      totals.receivedMessages += attempt.receivedMessages
      totals.receivedBytes += attempt.receivedBytes
    }
    return totals
  }
}

class LoggedClientCall implements ClientCallTrace {
  private readonly call: ClientCallStart
  private readonly target: LogTarget
  private readonly begunAt: number
  private readonly made = new LoggedAttempts()
  private attempts = 1

  constructor(call: ClientCallStart, target: LogTarget) {
    this.call = call
    this.target = target
    this.begunAt = call.startedAt
  }

  attempt(attempt: AttemptStart): AttemptTrace {
    this.attempts = Math.max(this.attempts, attempt.number)
    this.made.begun.push(attempt)
    return this.made
  }

  onEnd(end: CallEnd): void {
    const { call, target, made, attempts } = this
    const { path, kind } = call.method
    const { begun, peer } = made
    const totals = begun.length === 1 ? begun[0]! : made.totals
    const { metadata } = call
    target.take(loggedCall({ side: "client", path, kind, peer, attempts }, end, this.begunAt, totals, metadata, target))
  }
}

class LoggedServerCall implements ServerCallTrace {
  private readonly call: ServerCallStart
  private readonly target: LogTarget

  constructor(call: ServerCallStart, target: LogTarget) {
    this.call = call
    this.target = target
  }

  onEnd(end: CallEnd): void {
    const { call, target } = this
    const { path, method, peer, metadata } = call
    const attempts = attemptNumberOf(metadata)
    const what: CallOfSide = { side: "server", path, kind: method?.kind, peer, attempts }
    target.take(loggedCall(what, end, call.startedAt, call, metadata, target))
  }
}

type CallOfSide = Pick<LoggedCall, "side" | "path" | "kind" | "peer" | "attempts">

function loggedCall(
  { side, path, kind, peer, attempts }: CallOfSide,
  { status, endedBy, error, at }: CallEnd,
  begunAt: number,
  { sentMessages, sentBytes, receivedMessages, receivedBytes }: MessageTotals,
  metadata: Metadata,
  { requestId, shown }: LogTarget,
): LoggedCall {
  const id = metadata.get(requestId)
  return {
    side,
    path,
    kind,
    peer,
    status,
    endedBy,
    reason: reasonOf(error),
    durationMs: at - begunAt,
    sentMessages,
    sentBytes,
    receivedMessages,
    receivedBytes,
    attempts,
    requestId: typeof id === "string" ? id : undefined,
    metadata: shownOf(metadata, shown),
  }
}

import type {
  AttemptTrace,
  CallEnd,
  CallTracer,
  ClientCallStart,
  ClientCallTrace,
  ServerCallStart,
  ServerCallTrace,
  TracedStream,
} from "../core/call-tracer.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
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
  const servers = new LoggedServerCalls(target)
  return {
    clientCall: () => new LoggedClientCall(target),
    serverCall: () => servers,
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

class LoggedClientCall implements ClientCallTrace {
  private readonly target: LogTarget
  private readonly made = new LoggedAttempts()

  constructor(target: LogTarget) {
    this.target = target
  }

  attempt(): AttemptTrace {
    return this.made
  }

  onEnd(end: CallEnd, call: ClientCallStart): void {
    const { path, kind } = call.method
    const attempts = call.attempts.reduce((most, { number }) => Math.max(most, number), 1)
    this.target.take(loggedCall({ side: "client", path, kind, peer: this.made.peer, attempts }, end, call, this.target))
  }
}

/** The attempts of a call, together. */
class LoggedAttempts implements AttemptTrace {
  /** The server of the last that had one. */
  peer: string | undefined = undefined

  onStream({ peer }: TracedStream): void {
    this.peer = peer
  }
}

/** The calls of a server. */
class LoggedServerCalls implements ServerCallTrace {
  private readonly target: LogTarget

  constructor(target: LogTarget) {
    this.target = target
  }

  onEnd(end: CallEnd, call: ServerCallStart): void {
    const { path, method, peer, metadata } = call
    const what: CallOfSide = { side: "server", path, kind: method?.kind, peer, attempts: attemptNumberOf(metadata) }
    this.target.take(loggedCall(what, end, call, this.target))
  }
}

type CallOfSide = Pick<LoggedCall, "side" | "path" | "kind" | "peer" | "attempts">

function loggedCall(
  { side, path, kind, peer, attempts }: CallOfSide,
  { status, endedBy, error, at }: CallEnd,
  { startedAt, metadata, sentMessages, sentBytes, receivedMessages, receivedBytes }: ClientCallStart | ServerCallStart,
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
    durationMs: at - startedAt,
    sentMessages,
    sentBytes,
    receivedMessages,
    receivedBytes,
    attempts,
    requestId: typeof id === "string" ? id : undefined,
    metadata: shownOf(metadata, shown),
  }
}

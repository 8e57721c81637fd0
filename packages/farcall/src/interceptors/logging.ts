import { encodeBase64 } from "../core/base64.js"
import { type Clock, systemClock } from "../core/clock.js"
import type { Call, Interceptor, Next, Response } from "../core/interceptor.js"
import type { Metadata } from "../core/metadata.js"
import type { MethodKind } from "../core/service.js"
import type { Status } from "../core/status.js"
import { StatusError } from "../core/status-error.js"

export interface LoggingOptions {
  /** Takes the line of a call that has ended, and what it is made of. Default: the line goes to stderr. */
  readonly log?: ((line: string, call: LoggedCall) => void) | undefined
  /**
   * The keys of the request's metadata whose values are shown; of the others there is the key alone, so that no secret
   * gets into a log. Default: metadata is left out.
   */
  readonly metadata?: readonly string[] | undefined
  /** What the duration is measured by. Default: real time. */
  readonly clock?: Clock | undefined
}

/** A call that has ended. */
export interface LoggedCall {
  readonly side: "client" | "server"
  /** `/package.Service/Method`. */
  readonly path: string
  readonly kind: MethodKind
  /** The other side's address; `undefined` on a client whose call never got a connection. */
  readonly peer: string | undefined
  readonly status: Status
  /** From the interceptor's beginning to the call's end, in milliseconds. */
  readonly durationMs: number
  /** On a client: how many attempts it took; on a server: which of them this was. */
  readonly attempts: number
  /** The request's metadata: `undefined` for a value that is not to be shown. Empty unless asked for. */
  readonly metadata: ReadonlyMap<string, string | undefined>
}

/**
 * One line a call, when it has ended, on either side:
 *
 *     server unary /greeter.Greeter/SayHello ipv4:127.0.0.1:40312 OK 1.3 ms
 *     client unary /greeter.Greeter/SayHello ipv4:127.0.0.1:50051 NOT_FOUND "there is no Ada" 2.0 ms, 3 attempts
 *
 * As the outermost of the interceptors it has the whole duration, and sees what the others refuse.
 */
export function logging(options: LoggingOptions = {}): Interceptor {
  const { clock = systemClock, log = (line: string) => console.error(line) } = options
  const shown = options.metadata && new Set(options.metadata.map((key) => key.toLowerCase()))
  const note = (call: LoggedCall): void => {
    try {
      log(lineOf(call), call)
    } catch (fault) {
      // It concerns no call.
      console.error("[FARCALL_CALLBACK_FAILED] logging: log failed:", fault)
    }
  }
  return (next) => (call) => {
    const start = clock.now()
    const side = call.status === undefined ? "client" : "server"
    const ended = (status: Status, attempts: number): void => {
      const { method, peer, metadata } = call
      const durationMs = clock.now() - start
      const visible = shown === undefined ? none : redacted(metadata, shown)
      note({ side, path: method.path, kind: method.kind, peer, status, durationMs, attempts, metadata: visible })
    }
    if (call.status === undefined) return throughClient(next, call, ended)
    // A server's call tells of its end itself, even while a handler goes on that does not care.
    const previous = Number(call.metadata.get("grpc-previous-rpc-attempts") ?? 0)
    void call.status.then((status) => ended(status, Number.isInteger(previous) ? previous + 1 : 1))
    return next(call)
  }
}

type Ended = (status: Status, attempts: number) => void

async function throughClient(next: Next, call: Call, ended: Ended): Promise<Response> {
  let response: Response
  try {
    response = await next(call)
  } catch (error) {
    const failure = error instanceof StatusError ? error : new StatusError("UNKNOWN", textOf(error))
    ended(failure.status, failure.attempts ?? 1)
    throw error
  }
  void response.status.then((status) => ended(status, response.attempts ?? 1))
  return response
}

const none: ReadonlyMap<string, undefined> = new Map()

function redacted(metadata: Metadata, shown: ReadonlySet<string>): Map<string, string | undefined> {
  const visible = new Map<string, string | undefined>()
  for (const [key, value] of metadata) {
    if (!shown.has(key)) visible.set(key, undefined)
    else {
      const text = typeof value === "string" ? value : encodeBase64(value)
      const before = visible.get(key)
      visible.set(key, before === undefined ? text : `${before}, ${text}`)
    }
  }
  return visible
}

function lineOf({ side, path, kind, peer, status, durationMs, attempts, metadata }: LoggedCall): string {
  const parts = [side, kind, path, peer ?? "(no connection)", status.code]
  // Quoted, and so one line, whatever the peer put into it.
  if (status.code !== "OK") parts.push(JSON.stringify(status.message))
  parts.push(`${durationMs.toFixed(1)} ms`)
  let line = parts.join(" ")
  if (attempts !== 1) line += `, ${attempts} attempts`
  if (metadata.size > 0) {
    const pairs = [...metadata].map(([key, value]) => (value === undefined ? key : `${key}=${JSON.stringify(value)}`))
    line += ` {${pairs.join(" ")}}`
  }
  return line
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import { checkOptions, type KnownOptions } from "./known-options.js"
import type { Metadata } from "./metadata.js"
import { nearestName } from "./nearest-name.js"
import { badOption, type Reason } from "./reason.js"
import { showBy } from "./shown-as.js"
import { type ErrorStatusCode, type Status, type StatusDetail, statusCodeOf, statusCodes } from "./status.js"

/** What an error may carry beside its code and message. */
export interface StatusErrorOptions {
  /** Machine-readable details, sent in `grpc-status-details-bin`. */
  readonly details?: readonly StatusDetail[] | undefined
  /** What the trailers carried (on a client), or are to carry as well (thrown by a handler). */
  readonly trailers?: Metadata | undefined
  /** What brought it about; it stays on this side. */
  readonly cause?: unknown
  /** The code's number when it came from the wire and is none of gRPC's. */
  readonly codeNumber?: number | undefined
  /** Why Farcall itself has made it; handlers leave it out. */
  readonly reason?: Reason | undefined
}

/**
 * A call that failed, or is to fail: thrown by a client's call, and by a handler to answer with a status. Anything else
 * that a handler throws reaches the client as UNKNOWN without its text (checklist point 28).
 */
export class StatusError extends Error {
  override readonly name: string = "StatusError"
  readonly code: ErrorStatusCode
  /** The number as it came from the wire. */
  readonly codeNumber: number
  readonly details: readonly StatusDetail[]
  readonly trailers: Metadata | undefined
  /**
   * What Farcall itself found wrong, by the name that docs/reasons.md has it under; `undefined` where the other side gave
   * the status, or a handler did.
   */
  readonly reason: Reason | undefined
  /** On a client: how many attempts the call took (gRPC A6), set when it has ended. */
  attempts: number | undefined = undefined
  /** On a client: the method that was called, `/package.Service/Method`, set when the call has ended. */
  method: string | undefined = undefined

  /** @throws TypeError when `code` is not one of gRPC's error codes: an error cannot be OK. */
  constructor(code: ErrorStatusCode, message = "", options: StatusErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    if (!Object.hasOwn(statusCodes, code) || (code as string) === "OK") {
      throw notACode(code)
    }
    this.code = code
    this.codeNumber = options.codeNumber ?? statusCodes[code]
    this.details = options.details ?? []
    this.trailers = options.trailers
    this.reason = options.reason
    // Of Farcall's own making are the most, and they have a reason or come from the wire.
    if (this.reason === undefined && options.codeNumber === undefined) {
      checkOptions("StatusError", options, statusErrorOptions)
    }
  }

  /** The error for a number from the wire. OK is not an error: `codeNumber` is above 0. */
  static fromWire(codeNumber: number, message: string, options: StatusErrorOptions = {}): StatusError {
    return new StatusError(statusCodeOf(codeNumber) as ErrorStatusCode, message, { ...options, codeNumber })
  }

  /** How the call ended, without the error around it. */
  get status(): Status {
    return { code: this.code, codeNumber: this.codeNumber, message: this.message }
  }

  override toString(): string {
    return `${this.name}: ${this.code}: ${this.message}`
  }

  static {
    showBy<StatusError>(StatusError.prototype, (error, options, inspect) => {
      if (options === undefined) return `[${error}]`
      const frames = /\n {4}at .*/s.exec(error.stack ?? "")?.[0] ?? ""
      const rest = told(error)
      return `${error}${frames}${Object.keys(rest).length === 0 ? "" : ` ${inspect(rest, options)}`}`
    })
  }
}

const statusErrorOptions: KnownOptions<StatusErrorOptions> = {
  details: "array",
  trailers: "object",
  cause: "any",
  codeNumber: "number",
  reason: "string",
}

function notACode(code: unknown): TypeError {
  const names = Object.keys(statusCodes).filter((name) => name !== "OK")
  const name = names.find((one) => statusCodes[one as ErrorStatusCode] === code) ?? nearestName(String(code), names)
  const hint = name === undefined ? "" : `; did you mean ${JSON.stringify(name)}?`
  return badOption(`${JSON.stringify(code)} is not the name of a gRPC error status${hint}`)
}

/** What an error says beside its code and message: nothing that is as it is in most. */
function told({ name, cause, code, codeNumber, details, trailers, attempts, ...others }: StatusError): object {
  const rest: Record<string, unknown> = {}
  if (cause !== undefined) rest["cause"] = cause
  if (codeNumber !== statusCodes[code]) rest["codeNumber"] = codeNumber
  if (details.length > 0) rest["details"] = details
  if (trailers !== undefined && trailers.size > 0) rest["trailers"] = trailers
  if (attempts !== undefined && attempts !== 1) rest["attempts"] = attempts
  for (const [key, value] of Object.entries(others)) if (value !== undefined) rest[key] = value
  return rest
}

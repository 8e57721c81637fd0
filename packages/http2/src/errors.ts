import { ErrorCode, errorCodeName } from "./frame/error-code.js"
import { HpackError } from "./hpack/hpack-error.js"

/** Who began an ending: the other end of the connection, or this one. */
export type Initiator = "peer" | "local"

/**
 * The connection cannot go on (RFC 9113 §5.4.1). `initiator` "local": this end saw a rule broken, or was told to close,
 * and sent GOAWAY with `code`; "peer": the other end said so, or went away.
 */
export class ConnectionError extends Error {
  readonly code: number
  readonly initiator: Initiator

  constructor(code: number, message: string, initiator: Initiator = "local", cause?: unknown) {
    super(`${message} (${errorCodeName(code)})`, cause === undefined ? undefined : { cause })
    this.name = "ConnectionError"
    this.code = code
    this.initiator = initiator
  }
}

/** A frame that breaks a rule for which RFC 9113 names no other code. */
export function protocolError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message)
}

/** A `frame` whose payload of `length` bytes is not as long as its type asks for (RFC 9113 §4.2). */
export function frameSizeError(frame: string, length: number): ConnectionError {
  return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `${frame} of ${length} bytes`)
}

/** What ends a connection when this was thrown amid its frames: by a rule of the protocol, or by a callback. */
export function asConnectionError(thrown: unknown): ConnectionError {
  if (thrown instanceof ConnectionError) return thrown
  if (thrown instanceof HpackError) {
    return new ConnectionError(ErrorCode.COMPRESSION_ERROR, thrown.message, "local", thrown)
  }
  return new ConnectionError(ErrorCode.INTERNAL_ERROR, "a callback failed", "local", thrown)
}

/** One stream cannot go on, its neighbours can (RFC 9113 §5.4.2). The `cause` of the closure that a handler is given. */
export class StreamError extends Error {
  readonly streamId: number
  readonly code: number

  constructor(streamId: number, code: number, message: string) {
    super(`${message} (${errorCodeName(code)})`)
    this.name = "StreamError"
    this.streamId = streamId
    this.code = code
  }
}

/** What a peer put into GOAWAY, for people: no more than fits a line, and nothing that a terminal would act upon. */
export function debugText(debug: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(debug.subarray(0, 200)))
}

/** Why a stream died before both of its sides had ended. */
export interface StreamClosure {
  /** The code of RST_STREAM or GOAWAY; one of `ErrorCode`, or another number a peer thought of. */
  readonly code: number
  readonly initiator: Initiator
  /** Whether this stream alone was closed, or its whole connection. */
  readonly scope: "stream" | "connection"
  /** False only when it is certain that no code of the peer's application saw the stream: it may be tried anew elsewhere. */
  readonly mayHaveBeenProcessed: boolean
  /** True when nothing of it ever left this end: its connection ended before its HEADERS were taken. */
  readonly neverSent?: boolean
  readonly message: string
  /** What broke underneath, when something did: a StreamError, a ConnectionError, the error of a socket. */
  readonly cause?: unknown
}

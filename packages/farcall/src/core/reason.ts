/**
 * What Farcall itself found wrong, as programs and search engines know it: the `reason` of an error that it made. Each has
 * its section in docs/reasons.md, which says what happened, why, and what to do. Names never change their meaning.
 */
export type Reason =
  // calls, as their clients see them
  | "FARCALL_CALL_CANCELLED"
  | "FARCALL_DEADLINE_PASSED"
  | "FARCALL_NO_CONNECTION"
  | "FARCALL_CONNECTION_LOST"
  | "FARCALL_STREAM_RESET"
  | "FARCALL_CHANNEL_CLOSED"
  | "FARCALL_TOO_MANY_CALLS"
  | "FARCALL_NOT_GRPC"
  | "FARCALL_BROKEN_STREAM"
  | "FARCALL_REQUESTS_FAILED"
  | "FARCALL_CREDENTIALS_FAILED"
  | "FARCALL_WRONG_AUTHORITY"
  | "FARCALL_BALANCER_FAILED"
  // messages, on either side
  | "FARCALL_MESSAGE_TOO_LONG"
  | "FARCALL_HEADERS_TOO_LARGE"
  | "FARCALL_UNREADABLE_MESSAGE"
  | "FARCALL_UNWRITABLE_MESSAGE"
  | "FARCALL_MESSAGE_COUNT"
  | "FARCALL_COMPRESSION"
  | "FARCALL_CODEC_MISSING"
  // calls, as their servers see them
  | "FARCALL_HANDLER_FAILED"
  | "FARCALL_CLIENT_GONE"
  | "FARCALL_CALL_OVER"
  | "FARCALL_UNAUTHENTICATED"
  | "FARCALL_PERMISSION_DENIED"
  | "FARCALL_WORKER_DIED"
  | "FARCALL_SHUTTING_DOWN"
  // connections
  | "FARCALL_CONNECT_TIMEOUT"
  | "FARCALL_NAME_NOT_FOUND"
  | "FARCALL_TLS_FAILED"
  | "FARCALL_NOT_HTTP2"
  | "FARCALL_TURNED_AWAY"
  | "FARCALL_PROXY_FAILED"
  | "FARCALL_PEER_SILENT"
  | "FARCALL_PEER_STALLED"
  | "FARCALL_UNHEALTHY"
  // misuse
  | "FARCALL_BAD_OPTION"
  | "FARCALL_BAD_ADDRESS"
  | "FARCALL_PLAINTEXT"
  | "FARCALL_CANNOT_LISTEN"
  | "FARCALL_BAD_SERVICE"
  | "FARCALL_BAD_SERVICE_CONFIG"
  | "FARCALL_BAD_CERTIFICATE"
  | "FARCALL_BAD_METADATA"
  | "FARCALL_WRITE_AFTER_END"
  | "FARCALL_TWO_READERS"
  // told on stderr where nobody else is told
  | "FARCALL_CALLBACK_FAILED"
  | "FARCALL_CERTIFICATES_STAY"
  | "FARCALL_PROBE_UNWELL"
  | "FARCALL_BAD_TRACE"

/** Says in an error why it was made. */
export function withReason<Made extends Error>(reason: Reason, error: Made): Made & { readonly reason: Reason } {
  return Object.assign(error, { reason })
}

/** The error for an option, or an argument, that is misspelt, of the wrong kind, or in conflict with another. */
export function badOption(message: string): TypeError {
  return withReason("FARCALL_BAD_OPTION", new TypeError(message))
}

/** The error for one that is out of its range. */
export function optionOutOfRange(message: string): RangeError {
  return withReason("FARCALL_BAD_OPTION", new RangeError(message))
}

/**
 * What Farcall found wrong, of an error that it made, or of the first of its causes that has a reason; `undefined` of any
 * other, and of a status that the other side gave.
 */
export function reasonOf(error: unknown): Reason | undefined {
  // Causes may go in circles.
  for (let at = error, depth = 0; at instanceof Error && depth < DEEPEST; at = at.cause, depth++) {
    const { reason } = at as { readonly reason?: unknown }
    if (typeof reason === "string" && reason.startsWith("FARCALL_")) return reason as Reason
  }
  return undefined
}

const DEEPEST = 10

/** Whose programs the cases are played with: ours, grpc-go's own, and those written here on grpcio and on grpc-js. */
export type Side = "ours" | "grpc-go" | "grpcio" | "grpc-js"

/** A column of the matrix: whose client plays the cases, against whose server. */
export interface Pair {
  readonly client: Side
  readonly server: Side
}

/** gRPC's interoperability cases, as its test descriptions name them. */
export const caseNames = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "timeout_on_sleeping_server",
  "cancel_after_begin",
  "cancel_after_first_response",
  "status_code_and_message",
  "special_status_message",
  "custom_metadata",
  "unimplemented_method",
  "unimplemented_service",
  "per_rpc_creds",
  "client_compressed_unary",
  "server_compressed_unary",
  "client_compressed_streaming",
  "server_compressed_streaming",
  "rpc_soak",
  "channel_soak",
] as const

export type CaseName = (typeof caseNames)[number]

/** How a client said that a case went: `undefined` for passed, or how it failed. */
export type Outcome = string | undefined

/** How a case went that a program plays by itself. */
export function outcomeOf(ended: Promise<unknown>): Promise<Outcome> {
  return ended.then(
    () => undefined,
    (error: Error) => error.message,
  )
}

/** What came of one case, played by one pair in plaintext or over TLS. */
export interface Verdict {
  /** `passed`; `cannot`: it failed as it must, since one side does not have what it takes; `wrong` otherwise. */
  readonly kind: "passed" | "cannot" | "wrong"
  /** What has to be said of it: why it cannot pass, or what was not looked at. */
  readonly note?: string | undefined
  /** What went wrong. */
  readonly complaint?: string | undefined
}

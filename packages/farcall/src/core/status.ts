/**
 * The status codes of gRPC by name, with the numbers they have on the wire.
 * @see https://grpc.io/docs/guides/status-codes
 */
export const statusCodes = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const

/** `"OK"`, `"CANCELLED"`, … `"UNAUTHENTICATED"`. */
export type StatusCode = keyof typeof statusCodes

/** Every code but OK: what a call can fail with. */
export type ErrorStatusCode = Exclude<StatusCode, "OK">

const names = Object.keys(statusCodes) as StatusCode[]

/** The name of a number from the wire; a number that gRPC does not know is `"UNKNOWN"`. */
export function statusCodeOf(codeNumber: number): StatusCode {
  return names[codeNumber] ?? "UNKNOWN"
}

/** A detail of a status: a protobuf message behind its type's URL, as `google.protobuf.Any` has it. */
export interface StatusDetail {
  /** For instance `type.googleapis.com/google.rpc.BadRequest`. */
  readonly typeUrl: string
  /** The message's bytes. */
  readonly value: Uint8Array
}

/** How a call ended. */
export interface Status {
  readonly code: StatusCode
  /** The number as it came: differs from `statusCodes[code]` only where the peer sent one that gRPC does not know. */
  readonly codeNumber: number
  readonly message: string
}

export const okStatus: Status = { code: "OK", codeNumber: 0, message: "" }

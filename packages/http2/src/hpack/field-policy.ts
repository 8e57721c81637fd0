/** Credentials: sent as never-indexed literals (RFC 7541 §7.1.3) and kept out of every cache, whoever sends them. */
const sensitiveNames: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie"])

/** Fields whose value is another one each time: in the dynamic table they would only push out what repeats. */
const volatileNames: ReadonlySet<string> = new Set([
  "content-length",
  "grpc-message",
  "grpc-status-details-bin",
  "grpc-tags-bin",
  "grpc-timeout",
  "grpc-trace-bin",
  "traceparent",
  "tracestate",
  "x-request-id",
])

/** Whether fields of that name, in lower case, carry credentials. */
export function isSensitiveName(name: string): boolean {
  return sensitiveNames.has(name)
}

/** Whether an entry in the dynamic table is wasted on fields of that name, in lower case. */
export function isVolatileName(name: string): boolean {
  return volatileNames.has(name)
}

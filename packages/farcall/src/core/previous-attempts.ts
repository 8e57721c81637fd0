import type { Metadata } from "./metadata.js"

/** Which attempt of the client's a call is, from 1 on, by what the client says (gRPC A6, `grpc-previous-rpc-attempts`). */
export function attemptNumberOf(metadata: Metadata): number {
  const previous = Number(metadata.get("grpc-previous-rpc-attempts") ?? 0)
  return Number.isInteger(previous) && previous > 0 ? previous + 1 : 1
}

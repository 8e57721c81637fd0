import type { StreamClosure } from "@farcall/http2"
import type { Ender } from "../core/call-tracer.js"
import { StatusError } from "../core/status-error.js"
import { causeOf } from "../transport/stream-closed.js"

/** How a call ends whose stream is dead. */
export function errorOfDeadStream(closure: StreamClosure): StatusError {
  const { scope, initiator, message } = closure
  const what =
    scope === "connection"
      ? "the connection to the client ended"
      : `the call was ended ${initiator === "peer" ? "by the client's side" : "on this side"}`
  return new StatusError("CANCELLED", `${what}: ${message}`, { cause: causeOf(closure), reason: "FARCALL_CLIENT_GONE" })
}

export function enderOfStream({ scope, initiator }: StreamClosure): Ender {
  if (scope === "connection") return "connection"
  return initiator === "peer" ? "client" : "server"
}

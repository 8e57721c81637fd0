import type { Ender } from "../core/call-tracer.js"
import { StatusError } from "../core/status-error.js"
import type { ClientStream, ClientTransport, RequestHead, StreamListener } from "./transport.js"

/**
 * Opens a stream for a call, or for an attempt at one. Returns false when the connection can take none just now; when the
 * server would not take such a request, the call has failed.
 */
export function openStream(call: StreamOpener, transport: ClientTransport): boolean {
  let stream: ClientStream | undefined
  try {
    stream = transport.open(call, call)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    call.fail(error)
    return true
  }
  if (stream === undefined) return false
  call.onStream(stream, transport.peer)
  return true
}

/** Who ended a call, or an attempt, that got no stream. */
export function enderWithoutStream(error: StatusError): Ender {
  return error.code === "UNAVAILABLE" ? "connection" : "client"
}

/** Who wants a stream. */
export interface StreamOpener extends RequestHead, StreamListener {
  /** Here it is: what there is to send may go. */
  onStream(stream: ClientStream, peer: string): void
  fail(error: StatusError): void
}

import type { StreamClosure } from "@farcall/http2"

/** The error that a stream's end is told with: what broke underneath, or else the end itself. */
export function causeOf(closure: StreamClosure): unknown {
  return closure.cause ?? new StreamClosed(closure)
}

/** What ended a stream when nothing broke on this side: the peer's RST_STREAM or GOAWAY. */
class StreamClosed extends Error {
  /** HTTP/2's: RFC 9113 §7. */
  readonly code: number
  readonly initiator: "peer" | "local"

  constructor({ message, code, initiator }: StreamClosure) {
    super(message)
    this.name = "StreamClosed"
    this.code = code
    this.initiator = initiator
  }
}

import type { HeaderBlock, StreamClosure } from "@farcall/http2"
import type { Compression, Compressions } from "../core/compression.js"
import type { StatusError } from "../core/status-error.js"
import type { Tracers } from "../core/tracers.js"
import type { CallStream } from "./call-stream.js"
import type { Route, Router } from "./router.js"

/** The call that a stream carries, as its protocol sees it. */
export interface ProtocolCall {
  /** Begins; `timeoutMs` is what the client allows, `Infinity` without a deadline. */
  start(timeoutMs: number): void
  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean
  onPartial(wireBytes: number, missing: number): void
  /** The client has sent all its requests. */
  onRequestsEnd(): void
  /** The request breaks the protocol; the call is to be answered with this. */
  onProtocolError(error: StatusError): void
  onWritable(): void
  /** The stream is dead: the client cancelled, or the connection was lost. */
  onReset(closure: StreamClosure): void
}

/** What a server gives a protocol to make calls with. */
export interface CallStarter {
  readonly router: Router
  readonly compressions: Compressions
  /** How responses are compressed where a handler does not say. */
  readonly compression: Compression | undefined
  /** What watches its calls, beside what watches all of the process. */
  readonly tracers: Tracers
  createCall(stream: CallStream, route: Route, block: HeaderBlock, timeoutMs: number): ProtocolCall
}

import type { AuthContext } from "../core/auth-context.js"
import type { Clock } from "../core/clock.js"
import type { Compression, Compressions } from "../core/compression.js"
import type { Metadata } from "../core/metadata.js"
import type { HandlerTracing } from "../core/server-call-tracing.js"
import type { Status, StatusDetail } from "../core/status.js"
import type { StatusError } from "../core/status-error.js"

/** What carries one call to its handler and back: a stream of HTTP/2, or the port of a worker thread. */
export interface CallStream {
  readonly clock: Clock
  /** The client's address. */
  readonly peer: string
  /** What TLS has found out about the client. */
  readonly auth: AuthContext | undefined
  /** The client has sent all its requests. */
  readonly requestsEnded: boolean
  /** Whether the request that was taken last was compressed on the wire. */
  readonly requestCompressed: boolean
  readonly compressions: Compressions
  /** Those who watch the call; `undefined`: nobody. The stream tells them of all but the handler. */
  readonly tracing?: HandlerTracing | undefined
  /** How the responses are to be compressed; settled when the headers are sent. */
  compression: Compression | undefined
  /** Whether the messages sent from now on are compressed, where a compression was agreed. */
  compressMessages: boolean
  /** Whether further messages are taken at once; `onWritable` tells of it when they are again. */
  readonly writable: boolean
  /** Credit for request bytes that the application has taken. */
  consumed(bytes: number): void
  /** Lets the rest of a large message come without waiting for credit. */
  expect(bytes: number): void
  /**
   * Sends the headers, unless they have been sent.
   * @param early the handler asked for it: they are not to wait for the first message
   * @throws StatusError when they are larger than the client takes: nothing has been sent then
   */
  sendHeaders(metadata: Metadata | undefined, early?: boolean): void
  /** Sends a message behind the headers. @throws what the codec throws, or StatusError when it is too long */
  sendMessage(message: unknown): void
  /** The call is about to end by this error: of interest to a stream that tells more of it than its status. */
  failed?(error: StatusError): void
  /** Ends the call with a status. */
  finish(status: Status, details: readonly StatusDetail[], trailers: Metadata | undefined): void
  /** Ends the call without one: it is cancelled. Nobody on the wire is told the error. */
  reset(error: StatusError): void
  /** Nothing of the call runs any more. */
  release(): void
}

/** What a call begins with, as far as handlers can ask for it. */
export interface CallHead {
  /** The request's metadata among all its header fields: name, value, name, value … */
  readonly fields: readonly string[]
  readonly authority: string | undefined
  get(name: string): string | undefined
}

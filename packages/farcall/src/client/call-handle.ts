import type { Metadata } from "../core/metadata.js"
import type { Status } from "../core/status.js"

/** Request messages as they may be given: any iterable, async or not. */
export type Requests<Request> = Iterable<Request> | AsyncIterable<Request>

/** What every call that is not a mere promise tells and lets one do. The promises count as handled. */
export interface StreamingCallBase {
  /** The response's headers. Rejects when the call fails before them. */
  readonly headers: Promise<Metadata>
  /** What came with the status. Never rejects. */
  readonly trailers: Promise<Metadata>
  /** How the call ended. Never rejects. */
  readonly status: Promise<Status>
  /** How many attempts the call has taken so far, by its retry or hedging policy: 1 without one. */
  readonly attempts: number
  /** Ends the call CANCELLED. */
  cancel(reason?: unknown): void
}

/** A call whose responses are a stream: read them with `for await`, once. Leaving the loop cancels the call. */
export interface ServerStreamingCall<Response> extends StreamingCallBase, AsyncIterable<Response> {}

/** How one message of a stream is written. */
export interface WriteOptions {
  readonly compress?: boolean | undefined
}

/** A call whose requests are written by hand. */
export interface RequestWriter<Request> {
  /**
   * Sends a request; resolves when there is room for the next one, to false when the call is over and wants no more.
   * @param options `compress: false` sends it as it is, where the call's requests are compressed
   * @throws StatusError when the message cannot be sent
   */
  write(request: Request, options?: WriteOptions): Promise<boolean>
  /** Ends the requests. */
  end(): void
}

/** A call whose requests are written by hand: what `client.method()` returns. */
export interface ClientStreamingCall<Request, Response> extends StreamingCallBase, RequestWriter<Request> {
  /** The response. */
  readonly response: Promise<Response>
}

/** A call in which both sides write as they like: what `client.method()` returns. */
export interface BidiStreamingCall<Request, Response> extends ServerStreamingCall<Response>, RequestWriter<Request> {}

/** What is made for any call that is not a mere promise: its type shows its user what is there for its kind. */
export interface CallHandle extends BidiStreamingCall<unknown, unknown>, ClientStreamingCall<unknown, unknown> {}

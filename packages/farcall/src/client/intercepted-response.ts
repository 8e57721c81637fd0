import type { Response, ResponseChanges } from "../core/interceptor.js"
import type { Metadata } from "../core/metadata.js"
import { okStatus, type Status } from "../core/status.js"
import type { StreamingCall } from "./streaming-call.js"
import type { ObservedCall } from "./unary-call.js"

/** The response of a unary call, which is over when interceptors see it. */
export class UnaryResponse implements Response {
  private readonly call: ObservedCall
  private readonly changes: ResponseChanges | undefined
  private ownHeaders: Metadata | undefined
  private ownTrailers: Metadata | undefined

  constructor(call: ObservedCall, changes?: ResponseChanges, headers?: Metadata, trailers?: Metadata) {
    this.call = call
    this.changes = changes
    this.ownHeaders = headers
    this.ownTrailers = trailers
  }

  get headers(): Metadata {
    return (this.ownHeaders ??= this.call.headers())
  }

  get trailers(): Metadata {
    return (this.ownTrailers ??= this.call.trailers())
  }

  get status(): Promise<Status> {
    return Promise.resolve(okStatus)
  }

  get attempts(): number {
    return this.call.attempts
  }

  get compressed(): boolean {
    return this.call.compressed
  }

  message(): Promise<unknown> {
    return this.changes?.message === undefined ? Promise.resolve(this.call.message) : this.changes.message()
  }

  get messages(): AsyncIterable<unknown> {
    return this.changes!.messages!
  }

  with(changes: ResponseChanges): Response {
    return new UnaryResponse(this.call, { ...this.changes, ...changes }, this.headers, this.trailers)
  }

  /** What the user gets of it: at once, unless an interceptor has put something else in its place. */
  get outcome(): unknown {
    return this.changes?.message === undefined ? this.call.message : this.changes.message()
  }
}

/** The response of a call that streams requests, responses or both. */
export class StreamingResponse implements Response {
  readonly headers: Metadata
  readonly trailers: Metadata
  private readonly inner: StreamingCall
  private readonly content: ResponseChanges

  /** @param trailers empty while the call runs; they are there once `status` has resolved */
  constructor(inner: StreamingCall, headers: Metadata, trailers: Metadata, content: ResponseChanges) {
    this.inner = inner
    this.headers = headers
    this.trailers = trailers
    this.content = content
  }

  get status(): Promise<Status> {
    return this.inner.status.get().then(async (status) => {
      if (this.trailers.size === 0) this.trailers.merge(await this.inner.trailers.get())
      return status
    })
  }

  get attempts(): number {
    return this.inner.attempts
  }

  get compressed(): boolean {
    return this.inner.takenCompressed
  }

  message(): Promise<unknown> {
    return this.content.message!()
  }

  get messages(): AsyncIterable<unknown> {
    return this.content.messages!
  }

  with(changes: ResponseChanges): Response {
    return new StreamingResponse(this.inner, this.headers, this.trailers, { ...this.content, ...changes })
  }
}

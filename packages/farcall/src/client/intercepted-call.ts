import { markCompressible } from "../core/compression.js"
import type { Response } from "../core/interceptor.js"
import { MessageQueue, type MessageQueueOwner } from "../core/message-queue.js"
import { Metadata } from "../core/metadata.js"
import { showAs } from "../core/shown-as.js"
import type { Status } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import { writeAfterEnd } from "./call-errors.js"
import type { CallHandle, WriteOptions } from "./call-handle.js"
import type { CallFate } from "./outgoing-call.js"

/** What a user holds of a call that goes through interceptors, which answer in their own time. */
export class InterceptedCall implements CallHandle {
  readonly #outcome: Promise<Response>
  readonly #fate: CallFate
  readonly #pipe: RequestPipe | undefined
  #attempts = 1

  constructor(outcome: Promise<Response>, fate: CallFate, pipe: RequestPipe | undefined) {
    this.#outcome = handled(outcome)
    this.#fate = fate
    this.#pipe = pipe
    const note = ({ attempts }: { readonly attempts?: number | undefined }): void => {
      this.#attempts = attempts ?? 1
    }
    void this.#outcome.then(note, note)
    // Whoever still writes when the call is over is told so.
    if (pipe !== undefined) void this.status.then(() => pipe.close())
  }

  get headers(): Promise<Metadata> {
    return handled(this.#outcome.then((response) => response.headers))
  }

  get trailers(): Promise<Metadata> {
    return this.#outcome.then(
      (response) => response.status.then(() => response.trailers),
      (error: unknown) => (error instanceof StatusError ? error.trailers : undefined) ?? new Metadata(),
    )
  }

  get status(): Promise<Status> {
    return this.#outcome.then((response) => response.status, statusOf)
  }

  /** Known when the response has begun, or the call has failed. */
  get attempts(): number {
    return this.#attempts
  }

  get response(): Promise<unknown> {
    return handled(this.#outcome.then((response) => response.message()))
  }

  cancel(reason?: unknown): void {
    this.#fate.cancel(reason)
  }

  write(message: unknown, options?: WriteOptions): Promise<boolean> {
    if (options !== undefined) markCompressible(message, options.compress !== false)
    return this.#pipe!.write(message)
  }

  end(): void {
    this.#pipe!.end()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    yield* (await this.#outcome).messages
  }

  static {
    showAs<InterceptedCall>(InterceptedCall.prototype, "Call", (call) => ({
      peer: call.#fate.latest?.peer,
      attempts: call.#attempts,
    }))
  }
}

/** Requests written by hand, as the iterable that interceptors are given. */
export class RequestPipe implements MessageQueueOwner {
  readonly messages: MessageQueue<unknown> = new MessageQueue(this)
  private readonly writers: ((taken: boolean) => void)[] = []
  private state: "open" | "ended" | "closed" = "open"

  write(message: unknown): Promise<boolean> {
    if (this.state === "ended") return Promise.reject(writeAfterEnd())
    if (this.state === "closed") return Promise.resolve(false)
    return new Promise((resolve) => {
      this.writers.push(resolve)
      this.messages.push(message, 1)
    })
  }

  end(): void {
    if (this.state === "open") this.state = "ended"
    this.messages.end()
  }

  close(): void {
    this.state = "closed"
    this.messages.end()
    for (const resolve of this.writers.splice(0)) resolve(false)
  }

  onTaken(messages: number): void {
    for (const resolve of this.writers.splice(0, messages)) resolve(true)
  }

  onAbandoned(): void {
    this.close()
  }
}

/** A promise that may reject without anyone looking. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status
  return new StatusError("UNKNOWN", error instanceof Error ? error.message : String(error)).status
}

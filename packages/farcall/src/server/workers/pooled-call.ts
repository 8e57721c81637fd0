import type { Timer } from "../../core/clock.js"
import { limits } from "../../core/limits.js"
import { MessageQueue, type MessageQueueOwner } from "../../core/message-queue.js"
import { Metadata } from "../../core/metadata.js"
import { reasonOf } from "../../core/reason.js"
import { type AnyMethod, streamsRequests, streamsResponses } from "../../core/service.js"
import { statusCodes } from "../../core/status.js"
import { StatusError } from "../../core/status-error.js"
import type { ServerCall } from "../call.js"
import { callOf, type ServerContext } from "../context.js"
import { carriedAuth } from "./carried-auth.js"
import {
  costOf,
  type Ending,
  fieldsOf,
  handedOver,
  type RequestMessage,
  type ResponseFrame,
  type ResponseMessage,
} from "./frames.js"
import type { WorkerPool } from "./worker-pool.js"
import type { WorkerThread } from "./worker-thread.js"

/**
 * One call on its way through a pool, on the server's thread, where it stands in for the handler: waits for a thread,
 * gives it the requests and takes its responses.
 *
 *     waiting ──> running ──> over
 *        └──────────────────────^
 */
export class PooledCall implements MessageQueueOwner {
  readonly method: AnyMethod
  private readonly pool: WorkerPool
  private readonly context: ServerContext
  private readonly input: unknown
  /** The request of a method that has one, until a thread gets it. */
  private request: RequestMessage | undefined = undefined
  private thread: WorkerThread | undefined = undefined
  /** The handler's answer is known, or none is wanted any more. */
  private settled = false
  private cancelled = false
  private terminateTimer: Timer | undefined = undefined
  private onFree: (() => void) | undefined
  private thrown: unknown = undefined
  /** The one response, until the status is there. */
  private response: ResponseMessage | undefined = undefined
  private readonly responses: MessageQueue<ResponseMessage> | undefined
  private responsesTaken = 0
  private resolve: ((response: ResponseMessage) => void) | undefined
  private reject: ((error: unknown) => void) | undefined
  /** What the handler has not taken of the requests that were sent. */
  private requestsAhead = 0
  private onRequestsTaken: (() => void) | undefined

  constructor(pool: WorkerPool, method: AnyMethod, input: unknown, context: ServerContext) {
    this.pool = pool
    this.method = method
    this.input = input
    this.context = context
    this.responses = streamsResponses(method.kind) ? new MessageQueue(this) : undefined
  }

  /** The response of a method that has one. */
  async one(): Promise<unknown> {
    try {
      const { bytes, compress } = await new Promise<ResponseMessage>((resolve, reject) => {
        this.resolve = resolve
        this.reject = reject
        this.begin()
      })
      this.context.compressMessages = compress
      return bytes
    } finally {
      await this.untilFree()
    }
  }

  /** The responses of a method that streams them. */
  async *many(): AsyncGenerator<unknown> {
    try {
      this.begin()
      for await (const { bytes, compress } of this.responses!) {
        this.context.compressMessages = compress
        yield bytes
      }
    } finally {
      await this.untilFree()
    }
  }

  private begin(): void {
    if (this.context.cancelled) {
      this.cancel(new StatusError("CANCELLED", "the call has ended"))
      return
    }
    callOf(this.context).watchers.onEnded = (reason) => this.cancel(reason)
    if (!streamsRequests(this.method.kind)) this.request = this.carried(this.input)
    this.pool.run(this)
  }

  /** A call that nobody waits for goes on counting as running until its handler has noticed. */
  private async untilFree(): Promise<void> {
    if (this.cancelled && this.thread !== undefined) {
      await new Promise<void>((resolve) => {
        this.onFree = resolve
      })
    }
  }

  // ── from the pool ──

  start(thread: WorkerThread): void {
    this.thread = thread
    const { context, method, request } = this
    this.request = undefined
    thread.post(
      {
        type: "call",
        path: method.path,
        timeoutMs: context.remainingMs,
        metadata: fieldsOf(context.metadata),
        peer: context.peer,
        authority: context.authority,
        auth: carriedAuth(context.auth),
        traced: tracedFields(callOf(context)),
        request,
      },
      // An interceptor may look at the request yet.
      request === undefined || callOf(context).intercepted ? [] : handedOver(request.bytes),
    )
    if (request === undefined) void this.sendRequests(thread)
  }

  onResponse({ headers, message, ending }: ResponseFrame): void {
    if (this.settled) return
    if (headers !== undefined) {
      this.context.responseHeaders.merge(Metadata.fromFields(headers.fields))
      try {
        if (headers.compression !== undefined) this.context.compression = headers.compression
        if (headers.early) this.context.sendHeaders()
      } catch (error) {
        this.cancel(error)
        return
      }
    }
    if (message !== undefined) {
      if (this.responses === undefined) this.response = message
      else this.responses.push(message, costOf(message.bytes))
    }
    if (ending !== undefined) this.onEnding(ending)
  }

  /** The handler threw what was no StatusError. */
  onThrown(error: unknown): void {
    this.thrown = error
  }

  onTakenByHandler(cost: number): void {
    this.requestsAhead -= cost
    if (this.requestsAhead < limits.workerWindow) this.letRequestsGoOn()
  }

  /** Nothing of it runs on its thread any more. */
  onReleased(): void {
    this.thread = undefined
    this.terminateTimer?.cancel()
    this.letRequestsGoOn()
    this.onFree?.()
  }

  onThreadEnded(): void {
    this.fail(
      new StatusError("INTERNAL", "the worker thread that ran the call has died", { reason: "FARCALL_WORKER_DIED" }),
    )
    this.onReleased()
  }

  /** Ends the call, as far as the client is concerned. */
  fail(error: unknown): void {
    if (this.settled) return
    this.settled = true
    this.reject?.(error)
    this.responses?.end(error)
    this.letRequestsGoOn()
  }

  // ── from the queue of responses ──

  onTaken(cost: number): void {
    this.responsesTaken += cost
    if (this.responsesTaken < limits.workerWindow / 4) return
    this.thread?.post({ type: "taken", cost: this.responsesTaken })
    this.responsesTaken = 0
  }

  onAbandoned(): void {
    this.cancel(new StatusError("CANCELLED", "no more responses are wanted"))
  }

  private cancel(reason: unknown): void {
    if (this.settled) return
    this.settled = true
    this.cancelled = true
    const { thread } = this
    if (thread === undefined) this.pool.withdraw(this)
    else {
      const error = reason instanceof StatusError ? reason : new StatusError("CANCELLED", "the call has ended")
      const { codeNumber, message } = error
      thread.post({ type: "cancel", codeNumber, message, reason: reasonOf(error) })
      this.limitEnding(thread)
    }
    this.reject?.(reason)
    this.responses?.abort(reason)
    this.letRequestsGoOn()
  }

  private limitEnding(thread: WorkerThread): void {
    const ms = this.pool.terminateAfterMs
    if (ms === undefined) return
    this.terminateTimer = this.pool.clock.after(ms, () => {
      thread.terminated = true
      thread.end(new Error(`its call had ended ${ms} ms before`))
    })
  }

  private onEnding({ codeNumber, message, details, trailers, reason }: Ending): void {
    const metadata = Metadata.fromFields(trailers)
    if (codeNumber !== statusCodes.OK) {
      const cause = reason === "FARCALL_HANDLER_FAILED" ? this.thrown : undefined
      this.fail(StatusError.fromWire(codeNumber, message, { details, trailers: metadata, reason, cause }))
      return
    }
    this.settled = true
    this.context.responseTrailers.merge(metadata)
    if (this.responses === undefined) this.resolve?.(this.response!)
    else this.responses.end()
  }

  // ── requests ──

  private carried(message: unknown): RequestMessage {
    return { bytes: message as Uint8Array, compressed: this.context.requestCompressed }
  }

  /** Sends a stream of requests, no more ahead of the handler than the window holds. */
  private async sendRequests(thread: WorkerThread): Promise<void> {
    try {
      for await (const message of this.input as AsyncIterable<unknown>) {
        if (this.thread === undefined || this.settled) return
        const request = this.carried(message)
        this.requestsAhead += costOf(request.bytes)
        thread.post({ type: "request", request }, handedOver(request.bytes))
        while (this.requestsAhead >= limits.workerWindow && !this.settled) {
          await new Promise<void>((resolve) => {
            this.onRequestsTaken = resolve
          })
        }
      }
      if (this.thread !== undefined) thread.post({ type: "request", request: undefined })
    } catch (error) {
      // The requests broke off, which has ended the call, or an interceptor's failed, which does so now.
      this.cancel(error)
    }
  }

  private letRequestsGoOn(): void {
    const waiter = this.onRequestsTaken
    this.onRequestsTaken = undefined
    waiter?.()
  }
}

/** What those who watch a call send along to its thread. */
function tracedFields({ stream }: ServerCall): readonly string[] | undefined {
  const carried = stream.tracing?.carried()
  return carried && fieldsOf(carried)
}

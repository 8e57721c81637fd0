import { type Clock, nextTurn } from "../core/clock.js"
import { limits } from "../core/limits.js"
import { withReason } from "../core/reason.js"
import type { AnyMethod } from "../core/service.js"
import { isThenable } from "../core/thenable.js"

/** Who sends a stream of responses: the call. */
export interface ResponseSender {
  readonly clock: Clock
  /** No more responses are sent. */
  readonly ended: boolean
  /** Whether the client takes more at once; else `onWritable` is to tell when it does again. */
  readonly writable: boolean
  /** @throws when it cannot be sent */
  sendResponse(message: unknown): void
  /** All are sent, or the call has ended. */
  onResponsesEnd(): void
  failed(error: unknown): void
  /** The iterator threw, which concerns the call no more. */
  onHandlerError(error: unknown): void
}

/**
 * Takes responses from a handler's iterator, each when the one before has been sent, as fast as the client takes them.
 * By callbacks that are made once, and not by an async function: one that waits holds twice the memory, and a stream on
 * which nothing happens is one that waits.
 */
export class ResponseStream {
  private readonly sender: ResponseSender
  /** `undefined`: it has thrown, or has been told to stop. */
  private iterator: ResponseIterator | undefined
  private taken = 0
  private readonly onNext: (result: IteratorResult<unknown>) => void
  private readonly onFailed: (error: unknown) => void
  private resume: (() => void) | undefined = undefined

  /** @throws TypeError when the handler has returned nothing that can be iterated */
  constructor(sender: ResponseSender, responses: unknown, method: AnyMethod) {
    this.sender = sender
    this.iterator = iterate(responses, method)
    this.onNext = this.take.bind(this)
    this.onFailed = this.fail.bind(this)
  }

  /** Asks for the next response. */
  pull(): void {
    if (this.sender.ended) {
      this.sender.onResponsesEnd()
      return
    }
    let next: Promise<IteratorResult<unknown>>
    try {
      next = Promise.resolve(this.iterator!.next())
    } catch (error) {
      this.fail(error)
      return
    }
    next.then(this.onNext, this.onFailed)
  }

  onWritable(): void {
    const { resume } = this
    this.resume = undefined
    resume?.()
  }

  /** The client wants no more: the iterator is told, and may take as long as it likes. */
  stop(): void {
    const { iterator } = this
    this.iterator = undefined
    if (iterator?.return === undefined) return
    try {
      const returned = iterator.return()
      if (isThenable(returned)) returned.then(undefined, (error) => this.sender.onHandlerError(error))
    } catch (error) {
      this.sender.onHandlerError(error)
    }
  }

  private take(result: IteratorResult<unknown>): void {
    const { sender } = this
    try {
      if (sender.ended || result.done === true) {
        sender.onResponsesEnd()
        return
      }
      sender.sendResponse(result.value)
    } catch (error) {
      // The iterator did not throw it: it is to learn that no more is wanted.
      this.stop()
      sender.failed(error)
      return
    }
    this.taken++
    if (!sender.ended && !sender.writable) this.pullWhenWritable()
    else if (this.taken % limits.messagesPerTurn === 0) void nextTurn(sender.clock).then(() => this.pull())
    else this.pull()
  }

  private fail(error: unknown): void {
    this.iterator = undefined
    this.sender.failed(error)
  }

  private pullWhenWritable(): void {
    const writable = new Promise<void>((resolve) => {
      this.resume = resolve
    })
    void writable.then(() => this.pull())
  }
}

interface ResponseIterator {
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>>
  return?(): unknown
}

function iterate(responses: unknown, method: AnyMethod): ResponseIterator {
  if (typeof responses === "object" && responses !== null) {
    if (Symbol.asyncIterator in responses) return (responses as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    if (Symbol.iterator in responses) return (responses as Iterable<unknown>)[Symbol.iterator]()
  }
  const promised = isThenable(responses)
  // What it ends with comes too late to be the call's.
  if (promised) responses.then(undefined, () => {})
  const meant = promised
    ? ", not a promise: what is written `async` is to be `async *`"
    : ": `async *`, and `yield` each"
  throw withReason(
    "FARCALL_UNWRITABLE_MESSAGE",
    new TypeError(`the handler of ${method.path} must return an iterable of ${method.output.typeName}${meant}`),
  )
}

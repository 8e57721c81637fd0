import { withReason } from "./reason.js"
import { showAs } from "./shown-as.js"
import { type MessageTaker, WaitingMessages } from "./waiting-messages.js"

/** The stream behind a queue. */
export interface MessageQueueOwner extends MessageTaker {
  /** The reader wants no more, before the end was there. */
  onAbandoned(): void
  /** A folded message could not be decoded, for the reason that `decode` threw. Its reader gets the same. */
  onUndecodable?(error: unknown): void
}

/**
 * The messages of one stream on their way from the wire to an application that reads them with `for await`: they are
 * kept until they are asked for, and credit for their bytes is given back when they are taken, so that a reader who
 * pauses stops the sender once the stream's window is full. Most streams wait for messages most of the time: then there
 * is nothing of it but a reader.
 */
export class MessageQueue<T> implements AsyncIterableIterator<T> {
  private readonly owner: MessageQueueOwner
  /** Made when a message comes for which nobody waits. */
  private waiting: WaitingMessages<T> | undefined = undefined
  private reader: Resolve<T> | undefined = undefined
  private ended = false
  private error: unknown = undefined

  constructor(owner: MessageQueueOwner) {
    this.owner = owner
  }

  /** Bytes of wire that wait here for the reader, and for which no credit has been given. */
  get backlog(): number {
    return this.waiting === undefined ? 0 : this.waiting.backlog
  }

  /** Messages that wait as objects. */
  get decoded(): number {
    return this.waiting === undefined ? 0 : this.waiting.decoded
  }

  /** Whether so much waits that the next message is not to be decoded, but given to `fold`. */
  get crowded(): boolean {
    return this.waiting?.crowded === true
  }

  /** Puts bytes[start…stop), a message that used `wireBytes`, behind all others; its turn comes to `owner.decode`. */
  fold(bytes: Uint8Array, start: number, stop: number, wireBytes: number): void {
    if (this.ended) this.owner.onTaken(wireBytes)
    else (this.waiting ??= new WaitingMessages()).fold(bytes, start, stop, wireBytes)
  }

  /** Puts a message in that used `wireBytes` of the stream's window. */
  push(message: T, wireBytes: number): void {
    const { reader } = this
    if (reader !== undefined) {
      this.reader = undefined
      this.owner.onTaken(wireBytes)
      reader({ value: message, done: false })
    } else if (!this.ended) (this.waiting ??= new WaitingMessages()).push(message, wireBytes)
    // Nobody will read it: it is thrown away, and the sender may go on.
    else this.owner.onTaken(wireBytes)
  }

  /**
   * Takes up bytes of a message that is not whole yet: credit is given at once unless messages wait already. Returns
   * whether it was.
   */
  partial(wireBytes: number): boolean {
    const { waiting } = this
    const idle = waiting === undefined || waiting.isEmpty
    if (idle) this.owner.onTaken(wireBytes)
    else waiting.addToLast(wireBytes)
    return idle
  }

  /** Nothing more will come: after what is here the reader gets the error, or the end. Only the first end counts. */
  end(error?: unknown): void {
    if (this.ended) return
    this.ended = true
    this.error = error
    const { reader } = this
    if (reader === undefined) return
    this.reader = undefined
    reader(this.conclusion())
  }

  /** Ends the queue at once: what waits in it is thrown away. */
  abort(error: unknown): void {
    this.waiting?.clear(this.owner)
    this.end(error)
  }

  next(): Promise<IteratorResult<T>> {
    const { waiting } = this
    if (waiting !== undefined && !waiting.isEmpty && this.unfolds(waiting)) {
      return Promise.resolve({ value: waiting.take(this.owner), done: false })
    }
    if (this.ended) return Promise.resolve(this.conclusion())
    if (this.reader !== undefined) {
      return Promise.reject(
        withReason("FARCALL_TWO_READERS", new TypeError("the stream is being read already: one next() at a time")),
      )
    }
    const next = new Promise<IteratorResult<T>>(noteResolve)
    this.reader = noted
    noted = undefined
    return next
  }

  /** The reader left its loop: it wants no more. */
  return(): Promise<IteratorResult<T>> {
    this.waiting?.clear(this.owner)
    this.error = undefined
    if (!this.ended) {
      this.end()
      this.owner.onAbandoned()
    }
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  static {
    showAs<MessageQueue<unknown>>(MessageQueue.prototype, "Messages", ({ decoded, ended }) => ({
      waiting: decoded,
      ended,
    }))
  }

  /** Whether the next of those that wait is there as an object. One that cannot be decoded is the end. */
  private unfolds(waiting: WaitingMessages<T>): boolean {
    try {
      waiting.unfold(this.owner)
      return true
    } catch (error) {
      waiting.clear(this.owner)
      this.ended = true
      this.error = error
      this.owner.onUndecodable!(error)
      return false
    }
  }

  /** As with generators: an error is thrown once, after it the iteration is over. */
  private conclusion(): IteratorResult<T> | Promise<never> {
    const { error } = this
    if (error === undefined) return { value: undefined, done: true }
    this.error = undefined
    return Promise.reject(error)
  }
}

/** Settles a reader's promise: with a result, or with a promise that was rejected, so that one function does for both. */
type Resolve<T> = (result: IteratorResult<T> | Promise<never>) => void

/** What resolves the promise that was made last: one executor for all promises, in place of one for each. */
// biome-ignore lint/suspicious/noExplicitAny: of a queue of any messages
let noted: Resolve<any> | undefined
// biome-ignore lint/suspicious/noExplicitAny: of a queue of any messages
const noteResolve = (resolve: Resolve<any>): void => {
  noted = resolve
}

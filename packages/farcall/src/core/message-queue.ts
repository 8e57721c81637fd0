import { FoldedMessages } from "./folded-messages.js"
import { limits } from "./limits.js"
import { withReason } from "./reason.js"
import { showAs } from "./shown-as.js"

/**
 * The messages of one stream on their way from the wire to an application that reads them with `for await`: they are
 * kept until they are asked for, and credit for their bytes is given back when they are taken, so that a reader who
 * pauses stops the sender once the stream's window is full. When many wait, the next ones are kept as they came: an
 * empty message is five bytes of the window, and many times that as an object.
 */
export class MessageQueue<T> implements AsyncIterableIterator<T> {
  /** Bytes of wire that wait here for the reader, and for which no credit has been given. */
  backlog = 0
  private items: T[] = []
  private sizes: number[] = []
  private head = 0
  /** What waits behind `items`, not decoded. */
  private folded: FoldedMessages | undefined
  private ended = false
  private error: unknown
  private reader: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void } | undefined
  private readonly owner: MessageQueueOwner

  constructor(owner: MessageQueueOwner) {
    this.owner = owner
  }

  /** Messages that wait as objects. */
  get decoded(): number {
    return this.items.length - this.head
  }

  /** Whether so much waits that the next message is not to be decoded, but given to `fold`. */
  get crowded(): boolean {
    return this.folded !== undefined || this.items.length - this.head >= limits.maxDecodedMessages
  }

  /** Puts bytes[start…stop), a message that used `wireBytes`, behind all others; its turn comes to `owner.decode`. */
  fold(bytes: Uint8Array, start: number, stop: number, wireBytes: number): void {
    if (this.ended) {
      this.owner.onTaken(wireBytes)
      return
    }
    this.folded ??= new FoldedMessages()
    this.folded.push(bytes, start, stop, wireBytes)
    this.backlog += wireBytes
  }

  /** Puts a message in that used `wireBytes` of the stream's window. */
  push(message: T, wireBytes: number): void {
    if (this.ended) {
      // Nobody will read it: it is thrown away, and the sender may go on.
      this.owner.onTaken(wireBytes)
      return
    }
    const reader = this.reader
    if (reader !== undefined) {
      this.reader = undefined
      this.owner.onTaken(wireBytes)
      reader.resolve({ value: message, done: false })
      return
    }
    this.items.push(message)
    this.sizes.push(wireBytes)
    this.backlog += wireBytes
  }

  /**
   * Takes up bytes of a message that is not whole yet: credit is given at once unless messages wait already. Returns
   * whether it was.
   */
  partial(wireBytes: number): boolean {
    const idle = this.head === this.items.length && this.folded === undefined
    if (idle) this.owner.onTaken(wireBytes)
    else this.extra(wireBytes)
    return idle
  }

  /** Nothing more will come: after what is here the reader gets the error, or the end. Only the first end counts. */
  end(error?: unknown): void {
    if (this.ended) return
    this.ended = true
    this.error = error
    const reader = this.reader
    if (reader === undefined) return
    this.reader = undefined
    if (error === undefined) reader.resolve({ value: undefined, done: true })
    else {
      this.error = undefined
      reader.reject(error)
    }
  }

  /** Ends the queue at once: what waits in it is thrown away. */
  abort(error: unknown): void {
    this.discard()
    this.end(error)
  }

  next(): Promise<IteratorResult<T>> {
    if (this.head === this.items.length && this.folded !== undefined) this.unfold(this.folded)
    if (this.head < this.items.length) return Promise.resolve({ value: this.take(), done: false })
    if (this.ended) {
      const error = this.error
      if (error === undefined) return Promise.resolve({ value: undefined, done: true })
      // As with generators: the error is thrown once, after it the iteration is over.
      this.error = undefined
      return Promise.reject(error)
    }
    if (this.reader !== undefined) {
      return Promise.reject(
        withReason("FARCALL_TWO_READERS", new TypeError("the stream is being read already: one next() at a time")),
      )
    }
    return new Promise((resolve, reject) => {
      this.reader = { resolve, reject }
    })
  }

  /** The reader left its loop: it wants no more. */
  return(): Promise<IteratorResult<T>> {
    this.discard()
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

  private take(): T {
    const head = this.head++
    const message = this.items[head]!
    const size = this.sizes[head]!
    // Nothing that was taken is kept alive, and an empty queue starts over at the front of its arrays.
    this.items[head] = undefined as T
    if (this.head === this.items.length) this.clear()
    else if (this.head >= 1024 && this.head * 2 > this.items.length) this.compact()
    this.backlog -= size
    this.owner.onTaken(size)
    return message
  }

  /** Bytes of an unfinished message behind others are credited with the last of those. */
  private extra(wireBytes: number): void {
    if (this.folded !== undefined) this.folded.addToLast(wireBytes)
    else this.sizes[this.sizes.length - 1]! += wireBytes
    this.backlog += wireBytes
  }

  /** Decodes as many as may wait decoded. One that cannot be is the end. */
  private unfold(folded: FoldedMessages): void {
    try {
      while (!folded.isEmpty && this.items.length < limits.maxDecodedMessages) {
        folded.shift((bytes, start, stop, wireBytes) => {
          this.items.push(this.owner.decode!(bytes, start, stop) as T)
          this.sizes.push(wireBytes)
        })
      }
      if (folded.isEmpty) this.folded = undefined
    } catch (error) {
      this.discard()
      this.ended = true
      this.error = error
      this.owner.onUndecodable!(error)
    }
  }

  private discard(): void {
    const backlog = this.backlog
    this.backlog = 0
    this.folded = undefined
    this.clear()
    if (backlog > 0) this.owner.onTaken(backlog)
  }

  private clear(): void {
    this.items.length = 0
    this.sizes.length = 0
    this.head = 0
  }

  private compact(): void {
    this.items = this.items.slice(this.head)
    this.sizes = this.sizes.slice(this.head)
    this.head = 0
  }
}

/** The stream behind a queue. */
export interface MessageQueueOwner {
  /** The reader has taken up this many bytes of the wire. */
  onTaken(wireBytes: number): void
  /** The reader wants no more, before the end was there. */
  onAbandoned(): void
  /** Decodes a message that was folded. @throws StatusError when it cannot be */
  decode?(bytes: Uint8Array, start: number, stop: number): unknown
  /** A folded message could not be decoded, for the reason that `decode` threw. Its reader gets the same. */
  onUndecodable?(error: unknown): void
}

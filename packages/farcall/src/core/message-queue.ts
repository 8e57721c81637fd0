/**
 * The messages of one stream on their way from the wire to an application that reads them with `for await`: they are
 * kept until they are asked for, and credit for their bytes is given back when they are taken, so that a reader who
 * pauses stops the sender once the stream's window is full.
 */
export class MessageQueue<T> implements AsyncIterableIterator<T> {
  /** Bytes of wire that wait here for the reader, and for which no credit has been given. */
  backlog = 0
  private items: T[] = []
  private sizes: number[] = []
  private head = 0
  private ended = false
  private error: unknown
  private reader: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void } | undefined
  private readonly owner: MessageQueueOwner

  constructor(owner: MessageQueueOwner) {
    this.owner = owner
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
    const idle = this.head === this.items.length
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
    if (this.head < this.items.length) return Promise.resolve({ value: this.take(), done: false })
    if (this.ended) {
      const error = this.error
      if (error === undefined) return Promise.resolve({ value: undefined, done: true })
      // As with generators: the error is thrown once, after it the iteration is over.
      this.error = undefined
      return Promise.reject(error)
    }
    if (this.reader !== undefined) {
      return Promise.reject(new TypeError("the stream is being read already: one next() at a time"))
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
    this.sizes[this.sizes.length - 1]! += wireBytes
    this.backlog += wireBytes
  }

  private discard(): void {
    const backlog = this.backlog
    this.backlog = 0
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
}

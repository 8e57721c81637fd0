/**
 * The requests of a call, of which some can be looked at before they are read: a mock chooses by them what it answers,
 * and what answers reads them all from the first on. What is taken from the stream is recorded.
 */
export class RequestReader implements AsyncIterableIterator<unknown> {
  /** All that have come so far. */
  readonly seen: unknown[]
  private readonly source: AsyncIterator<unknown>
  private position = 0
  private ended = false

  /** @param seen where requests are recorded */
  constructor(requests: AsyncIterable<unknown>, seen: unknown[]) {
    this.source = requests[Symbol.asyncIterator]()
    this.seen = seen
  }

  /** Waits until `count` of them are there, or their end, and returns all that are. */
  async lookAhead(count: number = Number.POSITIVE_INFINITY): Promise<readonly unknown[]> {
    while (!this.ended && this.seen.length < count) await this.pull()
    return this.seen
  }

  async next(): Promise<IteratorResult<unknown>> {
    if (this.position === this.seen.length && !this.ended) await this.pull()
    if (this.position === this.seen.length) return { value: undefined, done: true }
    return { value: this.seen[this.position++], done: false }
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.ended = true
    this.position = this.seen.length
    await this.source.return?.()
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  private async pull(): Promise<void> {
    const { value, done } = await this.source.next()
    if (done === true) this.ended = true
    else this.seen.push(value)
  }
}

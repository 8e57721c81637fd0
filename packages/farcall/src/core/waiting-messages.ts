import { FoldedMessages } from "./folded-messages.js"
import { limits } from "./limits.js"

/** Who reads the messages that wait. */
export interface MessageTaker {
  /** This many bytes of the wire have been taken up. */
  onTaken(wireBytes: number): void
  /** Decodes a message that was folded. @throws StatusError when it cannot be */
  decode?(bytes: Uint8Array, start: number, stop: number): unknown
}

/**
 * The messages of one stream that wait for their reader, oldest first: decoded up to a number, and behind that many as
 * they came, for an empty message is five bytes of the window, and many times that as an object.
 */
export class WaitingMessages<T> {
  /** Bytes of wire for which no credit has been given. */
  backlog = 0
  private items: T[] = []
  private sizes: number[] = []
  private head = 0
  /** What waits behind `items`, not decoded. */
  private folded: FoldedMessages | undefined = undefined

  /** How many wait as objects. */
  get decoded(): number {
    return this.items.length - this.head
  }

  /** Whether so much waits that the next message is not to be decoded, but given to `fold`. */
  get crowded(): boolean {
    return this.folded !== undefined || this.decoded >= limits.maxDecodedMessages
  }

  get isEmpty(): boolean {
    return this.head === this.items.length && this.folded === undefined
  }

  push(message: T, wireBytes: number): void {
    this.items.push(message)
    this.sizes.push(wireBytes)
    this.backlog += wireBytes
  }

  /** Puts bytes[start…stop) behind all others. */
  fold(bytes: Uint8Array, start: number, stop: number, wireBytes: number): void {
    this.folded ??= new FoldedMessages()
    this.folded.push(bytes, start, stop, wireBytes)
    this.backlog += wireBytes
  }

  /** Bytes of a message that is not whole yet are credited with the newest one, of which there must be one. */
  addToLast(wireBytes: number): void {
    if (this.folded !== undefined) this.folded.addToLast(wireBytes)
    else this.sizes[this.sizes.length - 1]! += wireBytes
    this.backlog += wireBytes
  }

  /** Sees to it that the oldest is decoded, and with it as many as may wait so. @throws as `decode` */
  unfold(taker: MessageTaker): void {
    const { folded } = this
    if (folded === undefined || this.head < this.items.length) return
    while (!folded.isEmpty && this.items.length < limits.maxDecodedMessages) {
      folded.shift((bytes, start, stop, wireBytes) => {
        this.items.push(taker.decode!(bytes, start, stop) as T)
        this.sizes.push(wireBytes)
      })
    }
    if (folded.isEmpty) this.folded = undefined
  }

  /** Hands out the oldest, which is decoded. */
  take(taker: MessageTaker): T {
    const head = this.head++
    const message = this.items[head]!
    const size = this.sizes[head]!
    // Nothing that was taken is kept alive, and an empty queue starts over at the front of its arrays.
    this.items[head] = undefined as T
    if (this.head === this.items.length) this.startOver()
    else if (this.head >= 1024 && this.head * 2 > this.items.length) this.compact()
    this.backlog -= size
    taker.onTaken(size)
    return message
  }

  /** Throws all of them away, and gives credit for them. */
  clear(taker: MessageTaker): void {
    const { backlog } = this
    this.backlog = 0
    this.folded = undefined
    this.startOver()
    if (backlog > 0) taker.onTaken(backlog)
  }

  private startOver(): void {
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

import { copyOf } from "./copy-of.js"
import type { OutboundWindow } from "./flow-control.js"
import { FRAME_HEADER_LENGTH } from "./frame/header.js"
import type { FrameWriter } from "./frame/writer.js"
import type { Limits } from "./limits.js"
import type { Output } from "./output.js"
import { SendQueue } from "./send-queue.js"
import { type Stream, StreamFlag } from "./stream.js"

/** What becomes of streams whose queued DATA goes out. Neither may give commands at once: they are called amid the sending. */
interface SendEvents<Owner> {
  /** END_STREAM is in the output. */
  sentEnd(stream: Stream<Owner>): void
  /** The queue has fallen far enough for another message. */
  drained(stream: Stream<Owner>): void
}

/**
 * Brings DATA to the output as far as the windows allow. While nobody waits, a stream's frame goes there at once; all that
 * is more than a frame stands in line until the output is taken, and then the streams send a frame each in turn. So no
 * stream gets two frames while another has one ready, and whatever else is said until the output is taken (answers to
 * PING and SETTINGS, credit, HEADERS) leaves before the DATA in line.
 *
 * A stream that waits for its own window is not in the ring; those in the ring wait for the connection's window, for room
 * in the output, or for nothing but that it be taken.
 */
export class SendScheduler<Owner> {
  readonly #output: Output
  readonly #writer: FrameWriter
  readonly #window: OutboundWindow
  readonly #limits: Limits
  readonly #events: SendEvents<Owner>
  #first: Stream<Owner> | undefined = undefined
  #last: Stream<Owner> | undefined = undefined

  constructor(output: Output, writer: FrameWriter, window: OutboundWindow, limits: Limits, events: SendEvents<Owner>) {
    this.#output = output
    this.#writer = writer
    this.#window = window
    this.#limits = limits
    this.#events = events
  }

  /** Whether `pump` would send something. */
  get due(): boolean {
    return (
      this.#first !== undefined && this.#window.available > 0 && this.#output.pending < this.#limits.outputHighWater
    )
  }

  /** Whether a payload of up to `size` bytes may be written straight into the output, nine bytes after its offset. */
  begin(stream: Stream<Owner>, size: number): boolean {
    if (!this.#mayPass || this.#room(stream) <= 0) return false
    const reserved = FRAME_HEADER_LENGTH + size
    if (reserved > this.#output.largestReservation) return false
    this.#output.reserve(reserved)
    return true
  }

  /** The payload that `begin` made room for ends at `stop`. What is too much for a frame or a window is queued. */
  commit(stream: Stream<Owner>, stop: number, end: boolean): void {
    const start = this.#output.offset + FRAME_HEADER_LENGTH
    const size = stop - start
    const fits = Math.min(size, this.#room(stream))
    if (fits === size) {
      if (size === 0 && !end) return
      this.#spend(stream, size)
      this.#writer.dataInPlace(stream.id, size, end)
      if (end) this.#events.sentEnd(stream)
      return
    }
    const rest = copyOf(this.#output.buffer, start + fits, stop)
    this.#spend(stream, fits)
    this.#writer.dataInPlace(stream.id, fits, false)
    this.#enqueue(stream, rest, 0, rest.length, end)
  }

  /**
   * Sends or queues bytes[start…stop); they must not change until they have been written. `lent`: they are a long buffer
   * of the output's, and go back there then.
   */
  send(stream: Stream<Owner>, bytes: Uint8Array, start: number, stop: number, end: boolean, lent: boolean): void {
    if (stop - start > stream.longestSent) stream.longestSent = stop - start
    const size = this.#mayPass ? Math.min(stop - start, this.#room(stream)) : 0
    if (size > 0) {
      const last = start + size === stop
      this.#spend(stream, size)
      this.#writer.dataHeader(stream.id, size, last && end, size > copyLimit ? 0 : size)
      this.#payload(bytes, start, start + size)
      if (last) {
        if (lent) this.#output.giveBack(bytes)
        if (end) this.#events.sentEnd(stream)
        return
      }
      start += size
    }
    this.#enqueue(stream, bytes, start, stop, end)
    if (lent) stream.queue!.lendLast(bytes)
  }

  /** END_STREAM, on the last DATA queued or on an empty frame. */
  end(stream: Stream<Owner>): void {
    if (stream.queue !== undefined) {
      stream.queue.end = true
      return
    }
    this.#writer.dataHeader(stream.id, 0, true, 0)
    this.#events.sentEnd(stream)
  }

  /** Forgets what the stream has queued. It stays in the ring until its turn, and is passed over then. */
  drop(stream: Stream<Owner>): void {
    stream.queue = undefined
  }

  /** The window of a stream with DATA queued may have opened: it stands in line again. */
  resume(stream: Stream<Owner>): void {
    if ((stream.flags & StreamFlag.ready) !== 0 || stream.queue === undefined || stream.outbound.available <= 0) return
    stream.flags |= StreamFlag.ready
    stream.next = undefined
    if (this.#last === undefined) this.#first = stream
    else this.#last.next = stream
    this.#last = stream
  }

  /** Sends what can be sent, a frame of each stream in turn. */
  pump(): void {
    while (this.due) {
      const stream = this.#first!
      this.#first = stream.next
      if (this.#first === undefined) this.#last = undefined
      stream.next = undefined
      stream.flags &= ~StreamFlag.ready
      if (stream.queue !== undefined) this.#sendQueued(stream, stream.queue)
    }
  }

  #enqueue(stream: Stream<Owner>, bytes: Uint8Array, start: number, stop: number, end: boolean): void {
    const queue = (stream.queue ??= new SendQueue())
    queue.push(bytes, start, stop)
    queue.end = end
    this.resume(stream)
    if (queue.bytes > this.#pauseAbove(stream) + this.#leavesNext(stream)) stream.flags |= StreamFlag.paused
  }

  /** How much of the stream's queue is sure to leave when the output is taken next: while it is alone in line. */
  #leavesNext(stream: Stream<Owner>): number {
    if (this.#first !== stream || this.#last !== stream) return 0
    const room = this.#limits.outputHighWater - this.#output.pending
    return Math.max(0, Math.min(this.#window.available, stream.outbound.available, room))
  }

  /** One frame out of a queue; and what follows the last one. */
  #sendQueued(stream: Stream<Owner>, queue: SendQueue): void {
    let left = Math.min(queue.bytes, this.#room(stream))
    if (left <= 0) return
    const last = left === queue.bytes
    const end = last && queue.end
    this.#spend(stream, left)
    this.#writer.dataHeader(stream.id, left, end, left > copyLimit ? 0 : left)
    while (left > 0) {
      const start = queue.frontStart
      const size = Math.min(left, queue.frontStop - start)
      this.#payload(queue.front, start, start + size)
      const lent = queue.shift(size)
      if (lent !== undefined) this.#output.giveBack(lent)
      left -= size
    }
    if (!last) this.resume(stream)
    else {
      stream.queue = undefined
      if (queue.trailers !== undefined) this.#writer.headers(stream.id, queue.trailers, queue.trailersExtra, true)
      if (end || queue.trailers !== undefined) this.#events.sentEnd(stream)
    }
    if ((stream.flags & StreamFlag.paused) !== 0 && queue.bytes <= this.#pauseAbove(stream)) {
      stream.flags &= ~StreamFlag.paused
      this.#events.drained(stream)
    }
  }

  /**
   * Whether new DATA would overtake nobody, and has room in the output. What a stream itself has queued while nobody is
   * in line waits for its own window: there is no room for more then.
   */
  get #mayPass(): boolean {
    return this.#first === undefined && this.#output.pending < this.#limits.outputHighWater
  }

  /** The next payload is likely to be as long as those before: it is to find room for all of itself. */
  #pauseAbove(stream: Stream<Owner>): number {
    return Math.max(0, this.#limits.sendBufferSize - stream.longestSent)
  }

  /** The largest payload that both windows and the frame size allow; zero or less when a window is shut. */
  #room(stream: Stream<Owner>): number {
    return Math.min(this.#window.available, stream.outbound.available, this.#writer.maxFrameSize, fairFrameSize)
  }

  #spend(stream: Stream<Owner>, size: number): void {
    this.#window.available -= size
    stream.outbound.available -= size
    stream.flags |= StreamFlag.answered
  }

  #payload(bytes: Uint8Array, start: number, stop: number): void {
    if (stop - start > copyLimit) this.#output.append(bytes, start, stop)
    else this.#output.copy(bytes, start, stop)
  }
}

/** Up to this size a payload is copied: it costs less than a segment of its own in the write. */
const copyLimit = 8 * 1024

/** However large the frames are that a peer takes: its other streams want to be heard in between. */
const fairFrameSize = 64 * 1024

import { type Compression, MessageTooLong } from "./compression.js"
import { limits } from "./limits.js"
import { StatusError } from "./status-error.js"

/** Where inflated messages go: the rest of a `MessageReceiver`. */
export interface InflatedMessages {
  readonly maxReceiveMessageLength: number
  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean
  onFramingError(error: StatusError): void
}

/**
 * Inflates the messages of one stream, in their order: what follows one that takes its time waits for it, the end of the
 * stream as well. Made only where a compression was agreed.
 *
 * A window's worth of compressed bytes can be a thousand times as many: messages are inflated ahead of their reader only
 * until `inflatedAhead` bytes wait for it.
 */
export class MessageInflater {
  private readonly compression: Compression
  private readonly messages: InflatedMessages
  /** What came behind the message that is under way, in order. */
  private readonly waiting: (() => void)[] = []
  private busy = false
  private stopped = false
  /** Lengths of the messages that were told and not taken, in order; of one that came compressed its complement. */
  private readonly untaken: number[] = []
  private ahead = 0
  /** Telling a message can bring about that it is taken. */
  private goingOn = false
  /** Whether the message taken last was compressed on the wire. */
  takenCompressed = false
  /** Of the message that is being told: how long it was on the wire, and whether it was compressed there. */
  toldLength = 0
  toldCompressed = false

  constructor(compression: Compression, messages: InflatedMessages) {
    this.compression = compression
    this.messages = messages
  }

  /** A message has come; parameters as of `MessageReceiver.onMessage`. Returns false when no more is wanted. */
  push(
    compressed: boolean,
    bytes: Uint8Array,
    start: number,
    stop: number,
    owned: boolean,
    wireBytes: number,
  ): boolean {
    if (this.stopped) return false
    if (this.free) return this.take(compressed, bytes, start, stop, owned, wireBytes)
    const kept = owned ? bytes.subarray(start, stop) : new Uint8Array(bytes.subarray(start, stop))
    this.waiting.push(() => void this.take(compressed, kept, 0, kept.length, false, wireBytes))
    return true
  }

  /** Runs `task` when all messages that have come are told. */
  after(task: () => void): void {
    if (this.busy || this.waiting.length > 0) this.waiting.push(task)
    else task()
  }

  /** The reader has taken a message, or thrown it away. */
  onTaken(): void {
    const length = this.untaken.shift()
    if (length === undefined) return
    this.takenCompressed = length < 0
    this.ahead -= length < 0 ? ~length : length
    this.goOn()
  }

  /** Whether the next message can be told at once. */
  private get free(): boolean {
    return !this.busy && this.ahead < limits.inflatedAhead && this.waiting.length === 0
  }

  /** The stream is dead: nothing more is told. */
  stop(): void {
    this.stopped = true
    this.waiting.length = 0
  }

  private take(
    compressed: boolean,
    bytes: Uint8Array,
    start: number,
    stop: number,
    owned: boolean,
    wireBytes: number,
  ): boolean {
    if (!compressed) return this.tell(false, stop - start, bytes, start, stop, owned, wireBytes)
    // A compression may keep the bytes while it works.
    const whole = owned ? bytes.subarray(start, stop) : new Uint8Array(bytes.subarray(start, stop))
    let inflated: Uint8Array | Promise<Uint8Array>
    try {
      inflated = this.compression.decompress(whole, this.messages.maxReceiveMessageLength)
    } catch (error) {
      return this.fail(error)
    }
    const length = stop - start
    if (inflated instanceof Uint8Array) return this.tellInflated(inflated, length, wireBytes)
    this.busy = true
    inflated.then(
      (message) => {
        this.busy = false
        if (!this.stopped && this.tellInflated(message, length, wireBytes)) this.goOn()
      },
      (error) => {
        this.busy = false
        if (!this.stopped) this.fail(error)
      },
    )
    return true
  }

  private tellInflated(message: Uint8Array, lengthOnWire: number, wireBytes: number): boolean {
    const { maxReceiveMessageLength } = this.messages
    if (message.length > maxReceiveMessageLength) return this.fail(new MessageTooLong(maxReceiveMessageLength))
    return this.tell(true, lengthOnWire, message, 0, message.length, false, wireBytes)
  }

  private tell(
    compressed: boolean,
    lengthOnWire: number,
    bytes: Uint8Array,
    start: number,
    stop: number,
    owned: boolean,
    wireBytes: number,
  ): boolean {
    const length = stop - start
    this.untaken.push(compressed ? ~length : length)
    this.ahead += length
    this.toldLength = lengthOnWire
    this.toldCompressed = compressed
    return this.messages.onMessage(bytes, start, stop, owned, wireBytes)
  }

  private goOn(): void {
    if (this.goingOn) return
    this.goingOn = true
    while (!this.busy && this.ahead < limits.inflatedAhead && this.waiting.length > 0) this.waiting.shift()!()
    this.goingOn = false
  }

  private fail(error: unknown): false {
    this.stop()
    const { name } = this.compression
    const status =
      error instanceof MessageTooLong
        ? new StatusError("RESOURCE_EXHAUSTED", error.message, { reason: "FARCALL_MESSAGE_TOO_LONG" })
        : new StatusError("INTERNAL", `message cannot be inflated by ${name}: ${textOf(error)}`, {
            cause: error,
            reason: "FARCALL_COMPRESSION",
          })
    this.messages.onFramingError(status)
    return false
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

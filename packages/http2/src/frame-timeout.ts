import { ConnectionError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"

/**
 * How long a peer may take over what can be acted upon only as a whole: a frame other than DATA, or a header block in
 * several frames, behind whose beginning no other stream is heard (RFC 9113 §4.3). The time is the connection's own.
 */
export class FrameTimeout {
  readonly #limit: number
  /** What has begun: the number of a frame, that of a header block with a minus, or 0. */
  #unit = 0
  #since = -1

  /** @param limit milliseconds */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes have been read: the numbers of the header block and of the frame that they have left incomplete, or 0. */
  read(block: number, frame: number, now: number): void {
    const unit = block > 0 ? -block : frame
    if (unit === this.#unit) return
    this.#unit = unit
    this.#since = unit === 0 ? -1 : now
  }

  /** When the time is over; undefined when nothing is incomplete. */
  get deadline(): number | undefined {
    return this.#since < 0 ? undefined : this.#since + this.#limit
  }

  /**
   * The time is told. `reading`: else it is us whom the rest waits for, and it runs anew.
   * @returns what ends the connection, if it is overdue
   */
  overdue(now: number, reading: boolean): ConnectionError | undefined {
    if (this.#since < 0 || now < this.#since + this.#limit) return undefined
    this.#since = now
    if (!reading) return undefined
    return new ConnectionError(
      ErrorCode.ENHANCE_YOUR_CALM,
      `a frame or header block has no end after ${this.#limit} ms`,
    )
  }
}

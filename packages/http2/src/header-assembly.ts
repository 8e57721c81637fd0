import { ConnectionError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import { grown } from "./grown.js"
import type { Limits } from "./limits.js"
import { noBytes } from "./no-bytes.js"

/** A header block that comes in pieces: HEADERS without END_HEADERS, then CONTINUATION (RFC 9113 §6.10). */
export class HeaderAssembly {
  /** Of the HEADERS frame; 0 when no block is being put together. */
  streamId = 0
  flags = 0
  bytes: Uint8Array = noBytes
  length = 0
  /** How many blocks have begun to be put together. */
  begun = 0

  readonly #limits: Limits
  #continuations = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  begin(streamId: number, flags: number, bytes: Uint8Array, start: number, stop: number): void {
    this.streamId = streamId
    this.flags = flags
    this.length = 0
    this.#continuations = 0
    this.begun++
    this.#append(bytes, start, stop)
  }

  /** @throws ConnectionError ENHANCE_YOUR_CALM when there are too many frames, or too many bytes, whatever they decode to */
  add(bytes: Uint8Array, start: number, stop: number): void {
    if (++this.#continuations > this.#limits.maxContinuationFrames) {
      throw new ConnectionError(
        ErrorCode.ENHANCE_YOUR_CALM,
        `more than ${this.#limits.maxContinuationFrames} CONTINUATION frames in a header block`,
      )
    }
    this.#append(bytes, start, stop)
  }

  /** The block is whole and decoded: its bytes are of no more use. */
  clear(): void {
    this.streamId = 0
    this.length = 0
    this.bytes = noBytes
  }

  #append(bytes: Uint8Array, start: number, stop: number): void {
    const length = this.length + stop - start
    const most = 4 * this.#limits.maxHeaderListSize
    if (length > most) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, `header block above ${most} bytes`)
    }
    if (length > this.bytes.length) this.bytes = grown(this.bytes, this.length, 2 * length)
    this.bytes.set(bytes.subarray(start, stop), this.length)
    this.length = length
  }
}

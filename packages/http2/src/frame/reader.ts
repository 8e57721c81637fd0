import { ConnectionError } from "../errors.js"
import { grown } from "../grown.js"
import { noBytes } from "../no-bytes.js"
import { ErrorCode } from "./error-code.js"
import { CLIENT_PREFACE, FRAME_HEADER_LENGTH, FrameFlag, FrameType, readUint24, readUint31 } from "./header.js"

/** What is made of the frames. A sink may throw ConnectionError: reading is over then. */
export interface FrameSink {
  /** It wants no further frame in this turn. */
  readonly full: boolean
  /** A DATA frame begins. `length` is all of its payload, padding included: that is what flow control counts. */
  beginData(streamId: number, flags: number, length: number): void
  /** Of a DATA frame: this many bytes are padding, the byte that tells its length included. */
  dataPadding(length: number): void
  /** Content of the DATA frame that has begun, perhaps one piece of several, perhaps empty; `last` when the frame is whole. */
  dataPiece(bytes: Uint8Array, start: number, stop: number, last: boolean): void
  /** Any other frame, whole. `bytes` is only lent. */
  frame(type: number, flags: number, streamId: number, bytes: Uint8Array, start: number, stop: number): void
}

/**
 * Cuts a byte stream into frames, in place: only a frame that straddles two chunks is copied, and DATA not even then,
 * as it is passed on piece by piece.
 */
export class FrameReader {
  /** Frames begun, of all types. */
  frames = 0
  /** Set to end reading: nothing of the chunk at hand is looked at any more. */
  stopped = false

  readonly #sink: FrameSink
  readonly #maxFrameSize: number
  #prefaceLeft: number
  /** The beginning of a frame whose end has not come: header first. */
  #held: Uint8Array = noBytes
  #heldLength = 0
  #inData = false
  /** Whether the byte that tells how long the padding is has yet to come. */
  #padded = false
  #dataLeft = 0
  #paddingLeft = 0

  constructor(sink: FrameSink, maxFrameSize: number, expectPreface: boolean) {
    this.#sink = sink
    this.#maxFrameSize = maxFrameSize
    this.#prefaceLeft = expectPreface ? CLIENT_PREFACE.length : 0
  }

  /** Whether the client's preface has come, where one was to come. */
  get prefaceSeen(): boolean {
    return this.#prefaceLeft === 0
  }

  /** Whether a frame, or the preface, has begun and not ended. */
  get inFrame(): boolean {
    return this.#inData || this.#heldLength > 0
  }

  /** The number of the frame, other than DATA as far as one can tell, whose end has not come; 0 when there is none. */
  get frameUnderWay(): number {
    return this.#heldLength > 0 ? this.frames + 1 : 0
  }

  /** Bytes kept of a frame whose end has not come. */
  get bytesHeld(): number {
    return this.#heldLength
  }

  /**
   * Returns where reading ended: before `stop` only when the sink is full.
   * @throws ConnectionError when the framing is broken; whatever the sink throws
   */
  receive(bytes: Uint8Array, at: number, stop: number): number {
    if (this.#prefaceLeft > 0) at = this.#matchPreface(bytes, at, stop)
    if (this.#inData) at = this.#continueData(bytes, at, stop)
    else if (this.#heldLength > 0) at = this.#completeHeld(bytes, at, stop)
    const sink = this.#sink
    while (stop - at >= FRAME_HEADER_LENGTH && !this.stopped && !sink.full) {
      const length = readUint24(bytes, at)
      if (length > this.#maxFrameSize) this.#refuseLength(length)
      const type = bytes[at + 3]
      const flags = bytes[at + 4]
      const streamId = readUint31(bytes, at + 5)
      const body = at + FRAME_HEADER_LENGTH
      const next = body + length
      if (type === FrameType.DATA) {
        this.frames++
        if (next <= stop && (flags & FrameFlag.PADDED) === 0) {
          sink.beginData(streamId, flags, length)
          sink.dataPiece(bytes, body, next, true)
          at = next
        } else {
          this.#beginData(streamId, flags, length)
          at = this.#continueData(bytes, body, stop)
        }
      } else if (next <= stop) {
        this.frames++
        sink.frame(type, flags, streamId, bytes, body, next)
        at = next
      } else break
    }
    if (this.stopped) return stop
    if (sink.full) return at
    if (at < stop) this.#hold(bytes, at, stop)
    return stop
  }

  #matchPreface(bytes: Uint8Array, at: number, stop: number): number {
    while (this.#prefaceLeft > 0 && at < stop) {
      if (bytes[at++] !== CLIENT_PREFACE[CLIENT_PREFACE.length - this.#prefaceLeft--]) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "the peer does not begin with the preface of HTTP/2")
      }
    }
    return at
  }

  #beginData(streamId: number, flags: number, length: number): void {
    this.#padded = (flags & FrameFlag.PADDED) !== 0
    if (this.#padded && length === 0) {
      throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "DATA is padded, yet has no byte to tell how far")
    }
    this.#inData = true
    this.#dataLeft = length
    this.#paddingLeft = 0
    this.#sink.beginData(streamId, flags, length)
  }

  #continueData(bytes: Uint8Array, at: number, stop: number): number {
    if (this.#padded) {
      if (at === stop) return at
      const padding = bytes[at++]
      this.#padded = false
      this.#dataLeft--
      // RFC 9113 §6.1: padding as long as the payload or longer.
      if (padding > this.#dataLeft) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `DATA is padded by ${padding} of ${this.#dataLeft} bytes`)
      }
      this.#dataLeft -= padding
      this.#paddingLeft = padding
      this.#sink.dataPadding(padding + 1)
    }
    if (this.#dataLeft > 0) {
      const end = Math.min(at + this.#dataLeft, stop)
      if (end === at) return at
      this.#dataLeft -= end - at
      const last = this.#dataLeft === 0 && stop - end >= this.#paddingLeft
      if (last) this.#inData = false
      this.#sink.dataPiece(bytes, at, end, last)
      if (last) return end + this.#paddingLeft
      at = end
      if (this.#dataLeft > 0) return at
    }
    const skipped = Math.min(this.#paddingLeft, stop - at)
    this.#paddingLeft -= skipped
    at += skipped
    if (this.#paddingLeft === 0) {
      this.#inData = false
      this.#sink.dataPiece(bytes, at, at, true)
    }
    return at
  }

  /** Goes on with a frame of which an earlier chunk held the beginning. */
  #completeHeld(bytes: Uint8Array, at: number, stop: number): number {
    at = this.#fillHeld(bytes, at, stop, FRAME_HEADER_LENGTH)
    if (this.#heldLength < FRAME_HEADER_LENGTH) return at
    const held = this.#held
    const length = readUint24(held, 0)
    if (length > this.#maxFrameSize) this.#refuseLength(length)
    const type = held[3]
    const flags = held[4]
    const streamId = readUint31(held, 5)
    if (type === FrameType.DATA) {
      this.#heldLength = 0
      this.frames++
      this.#beginData(streamId, flags, length)
      return this.#continueData(bytes, at, stop)
    }
    const whole = FRAME_HEADER_LENGTH + length
    at = this.#fillHeld(bytes, at, stop, whole)
    if (this.#heldLength < whole) return at
    const frame = this.#held
    this.#heldLength = 0
    if (frame.length > keptRoom) this.#held = noBytes
    this.frames++
    this.#sink.frame(type, flags, streamId, frame, FRAME_HEADER_LENGTH, whole)
    return at
  }

  #fillHeld(bytes: Uint8Array, at: number, stop: number, wanted: number): number {
    if (this.#heldLength >= wanted) return at
    const end = Math.min(at + wanted - this.#heldLength, stop)
    this.#hold(bytes, at, end)
    return end
  }

  #hold(bytes: Uint8Array, start: number, stop: number): void {
    const length = this.#heldLength + stop - start
    if (length > this.#held.length) {
      this.#held = grown(this.#held, this.#heldLength, Math.max(leastRoom, 2 * length))
    }
    this.#held.set(bytes.subarray(start, stop), this.#heldLength)
    this.#heldLength = length
  }

  #refuseLength(length: number): never {
    throw new ConnectionError(
      ErrorCode.FRAME_SIZE_ERROR,
      `frame of ${length} bytes, the limit is ${this.#maxFrameSize}`,
    )
  }
}

/** Room for a frame that straddles chunks: made no smaller than this, and given up again when it is larger than that. */
const leastRoom = 256
const keptRoom = 1024

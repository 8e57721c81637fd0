import type { HpackEncoder } from "../hpack/encoder.js"
import type { HeaderFields } from "../hpack/header-block.js"
import type { PreparedHeaders } from "../hpack/prepared-headers.js"
import type { Output } from "../output.js"
import {
  CLIENT_PREFACE,
  FRAME_HEADER_LENGTH,
  FrameFlag,
  FrameType,
  MIN_MAX_FRAME_SIZE,
  patchFrameLength,
  writeFrameHeader,
  writeUint32,
} from "./header.js"
import { SETTING_LENGTH } from "./settings.js"

/** Writes whole frames into the output of a connection. */
export class FrameWriter {
  /** The peer's SETTINGS_MAX_FRAME_SIZE. */
  maxFrameSize: number = MIN_MAX_FRAME_SIZE
  /** Frames queued, of all types; DATA alone; and header blocks. */
  frames = 0
  dataFrames = 0
  headerBlocks = 0

  readonly #output: Output
  readonly #encoder: HpackEncoder

  constructor(output: Output, encoder: HpackEncoder) {
    this.#output = output
    this.#encoder = encoder
  }

  preface(): void {
    this.#output.copy(CLIENT_PREFACE, 0, CLIENT_PREFACE.length)
  }

  /** `entries` is flat: identifier, value, identifier, value … */
  settings(entries: readonly number[]): void {
    const length = (entries.length >> 1) * SETTING_LENGTH
    let at = this.#begin(length, FrameType.SETTINGS, 0, 0)
    const into = this.#output.buffer
    for (let i = 0; i < entries.length; i += 2) {
      into[at++] = entries[i] >>> 8
      into[at++] = entries[i]
      at = writeUint32(into, at, entries[i + 1])
    }
    this.#output.commit(at)
  }

  settingsAck(): void {
    this.#output.commitReply(this.#begin(0, FrameType.SETTINGS, FrameFlag.ACK, 0))
  }

  ping(opaque: Uint8Array, start: number): void {
    this.#output.commit(this.#pingFrame(0, opaque, start))
  }

  pingAck(opaque: Uint8Array, start: number): void {
    this.#output.commitReply(this.#pingFrame(FrameFlag.ACK, opaque, start))
  }

  /** `provoked`: a frame of the peer's is answered with it. */
  rstStream(streamId: number, code: number, provoked: boolean): void {
    const at = this.#begin(4, FrameType.RST_STREAM, 0, streamId)
    const stop = writeUint32(this.#output.buffer, at, code)
    if (provoked) this.#output.commitReply(stop)
    else this.#output.commit(stop)
  }

  windowUpdate(streamId: number, increment: number): void {
    const at = this.#begin(4, FrameType.WINDOW_UPDATE, 0, streamId)
    this.#output.commit(writeUint32(this.#output.buffer, at, increment))
  }

  goAway(lastStreamId: number, code: number, debug: Uint8Array): void {
    // RFC 9113 §4.2: no frame above the peer's limit; debug data is the part that can be cut.
    const debugLength = Math.min(debug.length, this.maxFrameSize - 8)
    let at = this.#begin(8 + debugLength, FrameType.GOAWAY, 0, 0, 8)
    at = writeUint32(this.#output.buffer, at, lastStreamId)
    this.#output.commit(writeUint32(this.#output.buffer, at, code))
    this.#output.copy(debug, 0, debugLength)
  }

  /** The header of a DATA frame whose payload the caller puts behind it; `reserved` bytes of room are made for that. */
  dataHeader(streamId: number, length: number, end: boolean, reserved: number): void {
    this.dataFrames++
    this.#output.commit(this.#begin(length, FrameType.DATA, end ? FrameFlag.END_STREAM : 0, streamId, reserved))
  }

  /** The header of a DATA frame whose payload stands already in the output, nine bytes after `offset`. */
  dataInPlace(streamId: number, length: number, end: boolean): void {
    this.frames++
    this.dataFrames++
    const { buffer, offset } = this.#output
    const flags = end ? FrameFlag.END_STREAM : 0
    this.#output.commit(writeFrameHeader(buffer, offset, length, FrameType.DATA, flags, streamId) + length)
  }

  /**
   * HEADERS, and CONTINUATION where one frame does not hold the block. The block is encoded here and now: HPACK's tables
   * ask for the order of the wire (RFC 7541 §2.2).
   * @throws TypeError when a field is no byte string; nothing has been queued then
   */
  headers(
    streamId: number,
    headers: PreparedHeaders | HeaderFields,
    extra: HeaderFields | undefined,
    end: boolean,
  ): void {
    const output = this.#output
    this.headerBlocks++
    const most = this.#encoder.maxLength(headers, extra)
    const flags = end ? FrameFlag.END_STREAM : 0
    if (most > this.maxFrameSize || most + FRAME_HEADER_LENGTH > output.largestReservation) {
      const block = new Uint8Array(most)
      this.#fragments(streamId, flags, block, this.#encoder.encode(headers, extra, block, 0))
      return
    }
    this.frames++
    const into = output.reserve(FRAME_HEADER_LENGTH + most)
    const at = output.offset
    const body = writeFrameHeader(into, at, 0, FrameType.HEADERS, flags | FrameFlag.END_HEADERS, streamId)
    const stop = this.#encoder.encode(headers, extra, into, body)
    patchFrameLength(into, at, stop - body)
    output.commit(stop)
  }

  #fragments(streamId: number, flags: number, block: Uint8Array, stop: number): void {
    let type: number = FrameType.HEADERS
    let start = 0
    do {
      const end = Math.min(start + this.maxFrameSize, stop)
      const last = end === stop ? FrameFlag.END_HEADERS : 0
      this.#output.commit(this.#begin(end - start, type, flags | last, streamId, 0))
      this.#output.copy(block, start, end)
      type = FrameType.CONTINUATION
      flags = 0
      start = end
    } while (start < stop)
  }

  #pingFrame(flags: number, opaque: Uint8Array, start: number): number {
    const at = this.#begin(8, FrameType.PING, flags, 0)
    const into = this.#output.buffer
    for (let i = 0; i < 8; i++) into[at + i] = opaque[start + i]
    return at + 8
  }

  /** Writes a frame header, with room behind it for `reserved` bytes of payload, and returns where that begins. */
  #begin(length: number, type: number, flags: number, streamId: number, reserved: number = length): number {
    this.frames++
    const into = this.#output.reserve(FRAME_HEADER_LENGTH + reserved)
    return writeFrameHeader(into, this.#output.offset, length, type, flags, streamId)
  }
}

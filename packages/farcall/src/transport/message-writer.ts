import type { Connection, Stream } from "@farcall/http2"
import { encodedMessage, type MessageKeeper } from "../core/encoded-message.js"
import { PREFIX_LENGTH, writePrefix } from "../core/message-framing.js"
import type { ByteSink, MessageCodec } from "../core/service.js"
import { StatusError } from "../core/status-error.js"
import type { MessageDeflater } from "./message-deflater.js"

/** Above this, a message is encoded into memory of its own, which leaves uncopied. */
const IN_PLACE = 16 * 1024 - PREFIX_LENGTH

/**
 * Small messages that cannot go straight into the output, because a window is shut or the output is full, are encoded one
 * behind another into a slab. It is never used twice: once full it belongs to whoever still has messages in it.
 */
const SLAB_SIZE = 64 * 1024
const SLAB_SHARE = SLAB_SIZE / 16

let slab = new Uint8Array(0)
let slabUsed = 0

/** Where the encoder writes just now: encoding is synchronous and never nested, so one sink serves all. */
const sink: ByteSink = { buffer: new Uint8Array(0), start: 0, limit: 0 }

/**
 * Writes the messages of one method in one direction: encodes them straight into the connection's output, behind the
 * prefix, and remembers how long they tend to be, so that room is made once.
 */
export class MessageWriter {
  private readonly codec: MessageCodec<unknown>
  private readonly maxLength: number
  private room = 512
  /** Bytes of the message that was written last, as it went. */
  lastLength = 0

  /** @param maxLength bytes of the longest message that is sent */
  constructor(codec: MessageCodec<unknown>, maxLength: number) {
    this.codec = codec
    this.maxLength = maxLength
  }

  /**
   * Sends one message.
   * @throws what the codec throws when the message does not fit its type; StatusError RESOURCE_EXHAUSTED when it is too
   *   long. Nothing has been sent then.
   */
  write<Owner>(
    connection: Connection<Owner>,
    stream: Stream<Owner>,
    message: unknown,
    end: boolean,
    keeper?: MessageKeeper,
  ): void {
    if (this.room > IN_PLACE || !connection.beginData(stream, this.room)) {
      this.writeOwned(connection, stream, message, end, keeper)
      return
    }
    const output = connection.output
    const at = connection.outputOffset
    sink.buffer = output
    sink.start = at + PREFIX_LENGTH
    sink.limit = connection.outputLimit
    const stop = this.codec.encode(message, sink, at + PREFIX_LENGTH)
    const buffer = sink.buffer
    this.prefix(buffer, at, stop)
    keeper?.keep(buffer, at, stop)
    if (buffer === output) connection.commitData(stream, stop, end)
    else connection.sendOwned(stream, buffer, at, stop, end)
  }

  /**
   * Gives a message to a stream's compression, which sends it by `writeEncoded`.
   * @throws what the codec throws; StatusError RESOURCE_EXHAUSTED when it is too long before it is compressed
   */
  deflate(deflater: MessageDeflater, message: unknown, compress: boolean, end: boolean, keeper?: MessageKeeper): void {
    const framed = encodedMessage(this.codec, message, compress)
    const length = framed.length - PREFIX_LENGTH
    if (length > this.maxLength) throw tooLong(length, this.maxLength)
    if (keeper !== undefined) {
      writePrefix(framed, 0, length, compress)
      keeper.keep(framed, 0, framed.length)
    }
    deflater.push(framed, end)
  }

  /**
   * Sends a message that is encoded already: the same bytes may be sent again, on this stream or another.
   * @param framed the message behind room for its prefix
   * @throws StatusError RESOURCE_EXHAUSTED when it is too long
   */
  writeEncoded<Owner>(
    connection: Connection<Owner>,
    stream: Stream<Owner>,
    framed: Uint8Array,
    end: boolean,
    compressed = false,
  ): void {
    const length = framed.length - PREFIX_LENGTH
    if (length > this.maxLength) throw tooLong(length, this.maxLength)
    writePrefix(framed, 0, length, compressed)
    this.lastLength = length
    if (length <= IN_PLACE && connection.beginData(stream, framed.length)) {
      const at = connection.outputOffset
      connection.output.set(framed, at)
      connection.commitData(stream, at + framed.length, end)
    } else connection.sendOwned(stream, framed, 0, framed.length, end)
  }

  /** Encodes into memory that the connection keeps until it is sent. */
  private writeOwned<Owner>(
    connection: Connection<Owner>,
    stream: Stream<Owner>,
    message: unknown,
    end: boolean,
    keeper: MessageKeeper | undefined,
  ): void {
    const shared = this.room <= SLAB_SHARE
    if (shared && slabUsed + PREFIX_LENGTH + this.room > slab.length) {
      slab = Buffer.allocUnsafeSlow(SLAB_SIZE)
      slabUsed = 0
    }
    const own = shared ? slab : connection.longBuffer(this.room + PREFIX_LENGTH)
    const at = shared ? slabUsed : 0
    sink.buffer = own
    sink.start = at + PREFIX_LENGTH
    sink.limit = own.length
    const stop = this.codec.encode(message, sink, at + PREFIX_LENGTH)
    const buffer = sink.buffer
    this.prefix(buffer, at, stop)
    keeper?.keep(buffer, at, stop)
    if (buffer === slab) slabUsed = stop
    connection.sendOwned(stream, buffer, at, stop, end, !shared && buffer === own)
  }

  /** Writes the prefix of what stands behind it, and takes note of its length. */
  private prefix(buffer: Uint8Array, at: number, stop: number): void {
    sink.buffer = emptyBuffer
    const length = stop - at - PREFIX_LENGTH
    if (length > this.maxLength) throw tooLong(length, this.maxLength)
    writePrefix(buffer, at, length)
    this.lastLength = length
    // Grows at once, shrinks slowly.
    this.room =
      length > this.room ? length + (length >> 3) + 64 : Math.max(512, this.room - ((this.room - length) >> 3))
  }
}

function tooLong(length: number, limit: number): StatusError {
  return new StatusError("RESOURCE_EXHAUSTED", `message is ${length} bytes, the limit for sending is ${limit}`, {
    reason: "FARCALL_MESSAGE_TOO_LONG",
  })
}

const emptyBuffer = new Uint8Array(0)

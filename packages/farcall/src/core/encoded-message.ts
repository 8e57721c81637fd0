import { PREFIX_LENGTH } from "./message-framing.js"
import type { ByteSink, MessageCodec } from "./service.js"

/** Encoding is synchronous and never nested: one sink serves all. */
const scratch = new Uint8Array(16 * 1024)
const sink: ByteSink = { buffer: scratch, start: 0, limit: 0 }

/**
 * A message's bytes behind room for their prefix, in memory of their own. Until the prefix is written, its first byte
 * says whether the message may be compressed.
 * @throws what the codec throws when the message does not fit its type
 */
export function encodedMessage(codec: MessageCodec<unknown>, message: unknown, compress: boolean): Uint8Array {
  sink.buffer = scratch
  sink.start = PREFIX_LENGTH
  sink.limit = scratch.length
  const stop = codec.encode(message, sink, PREFIX_LENGTH)
  const { buffer } = sink
  sink.buffer = scratch
  const framed =
    buffer === scratch || buffer.length > 2 * stop ? new Uint8Array(buffer.subarray(0, stop)) : buffer.subarray(0, stop)
  framed[0] = compress ? 1 : 0
  return framed
}

/** Who may want a message again after it was sent. */
export interface MessageKeeper {
  /** Takes a copy of an `encodedMessage`, bytes[start…stop), whose prefix has its length already. */
  keep(bytes: Uint8Array, start: number, stop: number): void
}

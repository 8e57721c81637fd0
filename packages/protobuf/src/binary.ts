import type { ByteSink, MessageCodec } from "./codec.js"

/**
 * The bytes of a message, or of a plain initialiser of one, in an array of their own.
 * @throws TypeError or RangeError when a value does not fit its field; the text names message and field.
 */
export function toBinary<Message, Init>(codec: MessageCodec<Message, Init>, message: Init): Uint8Array {
  // An encoder may call user code (a getter, an iterator of a proxy) that encodes again: the slab is out of reach meanwhile.
  const sink = spareSink ?? newSink()
  spareSink = undefined
  const end = codec.encode(message, sink, 0)
  const bytes = copyOf(sink.buffer, end)
  spareSink = sink.buffer.length > SLAB_MAX ? undefined : sink
  return bytes
}

/**
 * The message in `bytes`. Nothing in it refers to `bytes` afterwards.
 * @throws DecodeError when the bytes are not such a message.
 */
export function fromBinary<Message, Init>(codec: MessageCodec<Message, Init>, bytes: Uint8Array): Message {
  return codec.decode(bytes, 0, bytes.length, false)
}

/** So few bytes a loop copies faster than a call does. */
const SMALL = 12

function copyOf(buffer: Uint8Array, length: number): Uint8Array {
  if (length > SMALL) return buffer.slice(0, length)
  const copy = new Uint8Array(length)
  for (let i = 0; i < length; i++) copy[i] = buffer[i]!
  return copy
}

const SLAB_SIZE = 65536
/** A slab that grew is kept up to here: so much memory the largest message that was ever written may hold. */
const SLAB_MAX = 1 << 20

let spareSink: ByteSink | undefined

function newSink(): ByteSink {
  return { buffer: new Uint8Array(SLAB_SIZE), start: 0, limit: SLAB_SIZE }
}

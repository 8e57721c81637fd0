import type { FieldEntry } from "./field-table.js"

/**
 * Where an encoder writes. `buffer` may be exchanged by the encoder when it has to grow: the bytes from `start` on are
 * then kept, at the same offsets. Positions below `limit` may be written.
 */
export interface ByteSink {
  buffer: Uint8Array
  start: number
  limit: number
}

/** The wire format of one message type: what `farcall generate` writes into `x_codec.ts` as `XCodec`. */
export interface MessageCodec<Message, Init = Message> {
  /** The full name, `helloworld.HelloRequest`. */
  readonly typeName: string
  /**
   * Writes the message at `sink.buffer[position…]` and returns the position after its last byte. Takes messages from
   * `create()` and plain initialisers alike.
   * @throws TypeError or RangeError when a value does not fit its field; the text names message and field.
   */
  encode(message: Init, sink: ByteSink, position: number): number
  /**
   * Reads the message in `bytes[start…stop)`.
   * @param owned the bytes belong to the message from now on: large `bytes` fields may be views of them. Otherwise they
   *   are copied.
   * @throws DecodeError when the bytes are not such a message.
   */
  decode(bytes: Uint8Array, start: number, stop: number, owned?: boolean): Message
  /** What fields it has, for errors to name them. */
  readonly fields?: (() => readonly FieldEntry[]) | undefined
}

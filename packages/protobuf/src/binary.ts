import type { MessageCodec } from "./codec.js"
import { Slab } from "./slab.js"
import { findMark, type Mark } from "./untransferable.js"

/**
 * The bytes of a message, or of a plain initialiser of one: an array that nobody else writes to.
 *
 * In Node, arrays of up to 8 KiB are parts of larger memory, as those of `Buffer.from` are: `byteOffset` may be
 * other than 0, `buffer` is longer than the array and has bytes of other messages, it cannot be transferred to a worker
 * (postMessage copies all of it), and one such array keeps 8 KiB in memory, above 1,024 bytes 64 KiB.
 * `new Uint8Array(bytes)` is a copy without all that. Longer arrays have memory of their own; `byteOffset` may be other than 0 there too.
 * @throws TypeError or RangeError when a value does not fit its field; the text names message and field.
 */
export function toBinary<Message, Init>(codec: MessageCodec<Message, Init>, message: Init): Uint8Array {
  // An encoder may call user code (a getter, an iterator of a proxy) that encodes again: the slab is out of reach meanwhile.
  const slab = spareSlab?.usable === true ? spareSlab : newSlab()
  spareSlab = undefined
  const bytes = slab.take(codec.encode(message, slab.sink, slab.sink.start))
  spareSlab = slab
  return bytes
}

let spareSlab: Slab | undefined
let mark: { readonly found: Mark | undefined } | undefined

function newSlab(): Slab {
  mark ??= { found: findMark(globalThis) }
  return new Slab(mark.found)
}

/**
 * The message in `bytes`. Nothing in it refers to `bytes` afterwards.
 * @throws DecodeError when the bytes are not such a message.
 */
export function fromBinary<Message, Init>(codec: MessageCodec<Message, Init>, bytes: Uint8Array): Message {
  return codec.decode(bytes, 0, bytes.length, false)
}

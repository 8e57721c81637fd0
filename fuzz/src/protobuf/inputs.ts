import type { CodecPair } from "../../../packages/tools/dist/test-support/codec-pairs.js"
import { Random } from "../random.js"
import { messageBytes } from "./wire-bytes.js"

/** Bytes, and the message type they are read as. */
export interface Input {
  readonly pair: CodecPair
  readonly bytes: Uint8Array
}

/** The input of a seed: bytes of a message, the same with a few changed, or any bytes at all. */
export function inputOf(seed: number, pairs: readonly CodecPair[]): Input {
  const random = new Random(seed)
  const pair = random.pick(pairs)
  if (random.oneIn(10)) return { pair, bytes: random.bytes(random.below(40)) }
  const bytes = messageBytes(random, pair.schema)
  return { pair, bytes: random.oneIn(2) ? mutated(random, bytes) : bytes }
}

/** One to three changes: a byte set, a bit flipped, some bytes cut off, put in, taken out or doubled. */
function mutated(random: Random, original: Uint8Array): Uint8Array {
  const bytes = [...original]
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(bytes.length + 1)
    switch (random.below(6)) {
      case 0:
        bytes[at] = random.pick(telling)
        break
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
        break
      case 2:
        bytes.length = at
        break
      case 3:
        bytes.splice(at, 0, random.pick(telling))
        break
      case 4:
        bytes.splice(at, 1 + random.below(4))
        break
      default:
        bytes.splice(at, 0, ...bytes.slice(at, at + random.below(20)))
    }
  }
  return Uint8Array.from(bytes)
}

const telling: readonly number[] = [0x00, 0x01, 0x07, 0x08, 0x0a, 0x0b, 0x0c, 0x12, 0x1a, 0x7f, 0x80, 0x8a, 0xff]

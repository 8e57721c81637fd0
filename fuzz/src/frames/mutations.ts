import type { Random } from "../random.js"
import { framesIn } from "../wire/frame.js"

/** A recorded conversation with a few things changed. `from`: what comes before the frames, and stays. */
export function mutate(random: Random, conversation: Uint8Array, from: number): Uint8Array {
  let frames: Uint8Array[] = framesIn(conversation, from).map(({ start, stop }) => conversation.slice(start, stop))
  for (let count = 1 + random.below(6); count > 0 && frames.length > 0; count--) frames = changed(random, frames)
  // A wrong length makes noise of all that follows: that is tried too, but not often.
  if (!random.oneIn(8)) frames = frames.map(withItsLength)
  return Buffer.concat([conversation.subarray(0, from), ...frames])
}

function changed(random: Random, frames: Uint8Array[]): Uint8Array[] {
  const at = random.below(frames.length)
  const one = frames[at]!
  const to = random.below(frames.length)
  switch (random.below(10)) {
    case 0:
      return frames.toSpliced(at, 1)
    case 1:
      return frames.toSpliced(to, 0, one)
    case 2:
      return frames.toSpliced(at, 1).toSpliced(to, 0, one)
    case 3:
      return frames.toSpliced(at, 0, ...Array.from({ length: random.pick([3, 20, 200]) }, () => one))
    case 4:
      return frames.with(at, one.slice(0, random.below(one.length + 1)))
    case 5:
      return frames.with(at, Buffer.concat([one, random.bytes(random.below(10))]))
    case 6:
      return frames.with(at, withByte(one, 3 + random.below(Math.max(1, Math.min(6, one.length - 3))), random.next()))
    case 7:
      return frames.with(at, withByte(one, random.below(one.length), random.pick([0, 1, 0x7f, 0x80, 0xff])))
    case 8:
      return frames.with(at, withByte(one, random.below(one.length), one[0]! ^ (1 << random.below(8))))
    default:
      return frames.slice(0, at + 1)
  }
}

function withItsLength(one: Uint8Array): Uint8Array {
  if (one.length < 9) return new Uint8Array(0)
  const length = one.length - 9
  const copy = one.slice()
  copy.set([length >>> 16, length >>> 8, length])
  return copy
}

function withByte(one: Uint8Array, at: number, value: number): Uint8Array {
  const copy = one.slice()
  if (at < copy.length) copy[at] = value
  return copy
}

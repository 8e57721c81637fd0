import type { Stream } from "./stream.js"

/**
 * The open streams of a connection, by their ids: open addressing, with what is taken out closed up behind.
 *
 * Not a Map. One that is filled and emptied all the time makes its table anew every few hundred streams, and V8 has each
 * old table point at the next one: as soon as one of them is old enough, it keeps all that follow, with the streams in
 * them, from being collected young. A client's calls cost twice as much then.
 */
export class StreamTable<Owner> {
  size = 0
  /** A power of two long, and never more than half full. */
  #slots: (Stream<Owner> | undefined)[] = new Array(leastSlots).fill(undefined)
  #mask = leastSlots - 1

  get(streamId: number): Stream<Owner> | undefined {
    const slots = this.#slots
    const mask = this.#mask
    for (let at = (streamId >> 1) & mask; ; at = (at + 1) & mask) {
      const stream = slots[at]
      if (stream === undefined || stream.id === streamId) return stream
    }
  }

  /** A stream whose id is not among them. */
  add(stream: Stream<Owner>): void {
    if (2 * ++this.size > this.#slots.length) this.#grow()
    this.#put(stream)
  }

  /** Nothing happens when it is not there. */
  delete(streamId: number): void {
    const slots = this.#slots
    const mask = this.#mask
    let hole = (streamId >> 1) & mask
    for (; ; hole = (hole + 1) & mask) {
      const stream = slots[hole]
      if (stream === undefined) return
      if (stream.id === streamId) break
    }
    this.size--
    // Those behind it come as near as they may to where they belong, so that no search ends before them.
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const stream = slots[at]
      if (stream === undefined) break
      const home = (stream.id >> 1) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      slots[hole] = stream
      hole = at
    }
    slots[hole] = undefined
  }

  /** All of them as they are now, in the order of their ids. */
  values(): Stream<Owner>[] {
    return this.#slots.filter((stream) => stream !== undefined).sort((a, b) => a.id - b.id)
  }

  #put(stream: Stream<Owner>): void {
    const slots = this.#slots
    const mask = this.#mask
    let at = (stream.id >> 1) & mask
    while (slots[at] !== undefined) at = (at + 1) & mask
    slots[at] = stream
  }

  #grow(): void {
    const streams = this.#slots
    this.#slots = new Array(2 * streams.length).fill(undefined)
    this.#mask = this.#slots.length - 1
    for (const stream of streams) if (stream !== undefined) this.#put(stream)
  }
}

const leastSlots = 16

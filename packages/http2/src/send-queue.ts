import type { HeaderFields } from "./hpack/header-block.js"
import type { PreparedHeaders } from "./hpack/prepared-headers.js"
import { noBytes } from "./no-bytes.js"

/** What a stream has to send and cannot yet: pieces of DATA in order, then its end, then trailers. */
export class SendQueue {
  /** Of DATA, in all pieces. */
  bytes = 0
  /** END_STREAM goes with the last DATA; never together with `trailers`, which carry it themselves. */
  end = false
  trailers: PreparedHeaders | HeaderFields | undefined = undefined
  trailersExtra: HeaderFields | undefined = undefined

  #pieces: Uint8Array[] = []
  /** start and stop of each piece. */
  #bounds: number[] = []
  /** Pieces that go back to the output's pool. */
  #lent: Uint8Array[] | undefined = undefined
  #head = 0

  push(piece: Uint8Array, start: number, stop: number): void {
    if (start === stop) return
    this.bytes += stop - start
    const last = this.#pieces.length - 1
    // Small messages are written one behind another: together they are one piece. (Engines are slow at an index of -1.)
    if (last >= 0 && this.#pieces[last] === piece && this.#bounds[last * 2 + 1] === start) {
      this.#bounds[last * 2 + 1] = stop
      return
    }
    this.#pieces.push(piece)
    this.#bounds.push(start, stop)
  }

  /** The piece pushed last goes back to the output's pool when it has left. */
  lendLast(piece: Uint8Array): void {
    ;(this.#lent ??= []).push(piece)
  }

  /** The piece in front, of which `frontStart … frontStop` is unsent. */
  get front(): Uint8Array {
    return this.#pieces[this.#head]
  }

  get frontStart(): number {
    return this.#bounds[this.#head * 2]
  }

  get frontStop(): number {
    return this.#bounds[this.#head * 2 + 1]
  }

  /**
   * Forgets `size` bytes of the piece in front; never more than it has. Returns the piece when that was all of it and it
   * was lent.
   */
  shift(size: number): Uint8Array | undefined {
    const at = this.#head * 2
    this.bytes -= size
    if ((this.#bounds[at] += size) < this.#bounds[at + 1]) return undefined
    const lent = this.#lent !== undefined && this.#lent[0] === this.#pieces[this.#head] ? this.#lent.shift() : undefined
    this.#pieces[this.#head++] = noBytes
    // The sent part of the list is cut off when it is the larger one: each piece is moved at most once on average.
    if (this.#head * 2 >= this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#head)
      this.#bounds = this.#bounds.slice(this.#head * 2)
      this.#head = 0
    }
    return lent
  }
}

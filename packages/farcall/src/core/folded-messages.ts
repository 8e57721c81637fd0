/**
 * Messages as they came, not decoded, one behind another in one buffer: what many small ones cost is little more than
 * what they bring.
 *
 *     | length, 4 B | bytes of wire, 4 B | message | length …
 */
export class FoldedMessages {
  private bytes = new Uint8Array(4096)
  private view = new DataView(this.bytes.buffer)
  private start = 0
  private stop = 0
  /** Where the newest begins. */
  private last = 0

  get isEmpty(): boolean {
    return this.start === this.stop
  }

  /** Copies bytes[start…stop) in; `wireBytes` of credit are due when it is taken. */
  push(bytes: Uint8Array, start: number, stop: number, wireBytes: number): void {
    const length = stop - start
    this.reserve(HEAD_LENGTH + length)
    this.last = this.stop
    this.view.setUint32(this.stop, length)
    this.view.setUint32(this.stop + 4, wireBytes)
    this.bytes.set(bytes.subarray(start, stop), this.stop + HEAD_LENGTH)
    this.stop += HEAD_LENGTH + length
  }

  /** More credit is due with the newest message. */
  addToLast(wireBytes: number): void {
    this.view.setUint32(this.last + 4, this.view.getUint32(this.last + 4) + wireBytes)
  }

  /** Hands out the oldest and forgets it; there must be one. The bytes are only lent. */
  shift<T>(take: (bytes: Uint8Array, start: number, stop: number, wireBytes: number) => T): T {
    const begin = this.start + HEAD_LENGTH
    const end = begin + this.view.getUint32(this.start)
    const wireBytes = this.view.getUint32(this.start + 4)
    this.start = end
    return take(this.bytes, begin, end, wireBytes)
  }

  private reserve(size: number): void {
    if (this.stop + size <= this.bytes.length) return
    const used = this.stop - this.start
    const larger = new Uint8Array(Math.max(this.bytes.length, 2 * (used + size)))
    larger.set(this.bytes.subarray(this.start, this.stop))
    this.last -= this.start
    this.start = 0
    this.stop = used
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}

const HEAD_LENGTH = 8

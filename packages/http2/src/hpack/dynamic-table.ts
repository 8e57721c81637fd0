/**
 * The dynamic table of RFC 7541 §2.3.2: a queue of entries bounded by the sum of their sizes, the newest entry first.
 * Decoder and encoder keep different things in an entry, so all it asks for is the size.
 */
export class DynamicTable<Entry extends { readonly size: number }> {
  #ring: (Entry | undefined)[] = [undefined, undefined, undefined, undefined]
  #inserted = 0
  #length = 0
  #size = 0
  #maxSize: number
  #generation = 0
  readonly #onEvict: ((entry: Entry) => void) | undefined

  constructor(maxSize: number, onEvict?: (entry: Entry) => void) {
    this.#maxSize = maxSize
    this.#onEvict = onEvict
  }

  get length(): number {
    return this.#length
  }
  /** The sum of the entries' sizes. */
  get size(): number {
    return this.#size
  }
  get maxSize(): number {
    return this.#maxSize
  }
  /** How many entries were ever put in: the running number of the newest. */
  get inserted(): number {
    return this.#inserted
  }
  /** Another number whenever an index may mean something else than before. */
  get generation(): number {
    return this.#generation
  }

  /** The entry at a place (0 is the newest), or undefined beyond the oldest. */
  at(place: number): Entry | undefined {
    return place < this.#length ? this.#ring[(this.#inserted - 1 - place) & (this.#ring.length - 1)] : undefined
  }

  /**
   * Puts an entry in front after evicting from the other end what has to go. One that is larger than the whole table
   * leaves the table empty, which is no error (RFC 7541 §4.4).
   */
  insert(entry: Entry): void {
    this.#evictTo(this.#maxSize - entry.size)
    if (entry.size > this.#maxSize) return
    if (this.#length === this.#ring.length) this.#grow()
    this.#ring[this.#inserted & (this.#ring.length - 1)] = entry
    this.#inserted++
    this.#length++
    this.#size += entry.size
    this.#generation++
  }

  /** A size update (RFC 7541 §4.3): the entries that no longer fit are evicted. */
  resize(maxSize: number): void {
    if (maxSize === this.#maxSize) return
    this.#maxSize = maxSize
    this.#generation++
    this.#evictTo(maxSize)
  }

  #evictTo(size: number): void {
    while (this.#size > size && this.#length > 0) {
      const place = (this.#inserted - this.#length) & (this.#ring.length - 1)
      const entry = this.#ring[place]!
      this.#ring[place] = undefined
      this.#length--
      this.#size -= entry.size
      this.#generation++
      this.#onEvict?.(entry)
    }
  }

  #grow(): void {
    const ring = new Array<Entry | undefined>(this.#ring.length * 2).fill(undefined)
    for (let number = this.#inserted - this.#length; number < this.#inserted; number++) {
      ring[number & (ring.length - 1)] = this.#ring[number & (this.#ring.length - 1)]
    }
    this.#ring = ring
  }
}

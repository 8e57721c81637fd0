/** RFC 7541 Appendix B: the length of each symbol's code in base 36, end-of-string last. The codes follow from these. */
const lengths =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f56565666577666567655" +
  "677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmm" +
  "ppooqnqrqqrrrrrsrrrrrqu"

const endOfString = 256

/** RFC 7541 Appendix A. */
const staticTable: readonly (readonly [string, string])[] =
  `:authority|:method GET|:method POST|:path /|:path /index.html
:scheme http|:scheme https|:status 200|:status 204|:status 206|:status 304|:status 400|:status 404|:status 500
accept-charset|accept-encoding gzip, deflate|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow
authorization|cache-control|content-disposition|content-encoding|content-language|content-length|content-location
content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range
if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer
refresh|retry-after|server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate`
    .split(/[|\n]/)
    .map((entry) => {
      const space = entry.indexOf(" ")
      return space < 0 ? [entry, ""] : [entry.slice(0, space), entry.slice(space + 1)]
    })

/** Code length and code, as "length:code", to symbol: the codes of one length are numbered in the order of the symbols. */
const symbols: ReadonlyMap<number, number> = (() => {
  const table = new Map<number, number>()
  let code = 0
  for (let length = 1; length <= 30; length++) {
    for (let symbol = 0; symbol <= endOfString; symbol++) {
      if (Number.parseInt(lengths[symbol]!, 36) === length) table.set(length * 2 ** 31 + code++, symbol)
    }
    code *= 2
  }
  return table
})()

export type Field = readonly [name: string, value: string]

/** A second opinion on header blocks: slow, plain, and not a line of it the engine's. */
export class HpackReader {
  #entries: Field[] = []
  #limit = 4096
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0

  /** @throws Error when the block is no block of RFC 7541 */
  read(block: Uint8Array): Field[] {
    this.#bytes = block
    this.#at = 0
    const fields: Field[] = []
    while (this.#at < block.length) {
      const first = block[this.#at]!
      if (first >= 0x80) fields.push(this.#entry(this.#integer(0x7f)))
      else if (first >= 0x40) {
        const field = this.#literal(0x3f)
        this.#entries.unshift(field)
        this.#evict()
        fields.push(field)
      } else if (first >= 0x20) {
        if (fields.length > 0) throw new Error("table size update after a field")
        const size = this.#integer(0x1f)
        if (size > 4096) throw new Error(`table size update to ${size}`)
        this.#limit = size
        this.#evict()
      } else fields.push(this.#literal(0x0f))
    }
    return fields
  }

  #literal(prefix: number): Field {
    const index = this.#integer(prefix)
    const name = index === 0 ? this.#string() : this.#entry(index)[0]
    return [name, this.#string()]
  }

  #entry(index: number): Field {
    const entry = index <= staticTable.length ? staticTable[index - 1] : this.#entries[index - staticTable.length - 1]
    if (entry === undefined) throw new Error(`index ${index}`)
    return entry
  }

  #evict(): void {
    const size = (): number => this.#entries.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0)
    while (size() > this.#limit) this.#entries.pop()
  }

  #integer(prefix: number): number {
    let value = this.#byte() & prefix
    if (value < prefix) return value
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#byte()
      value += (byte & 127) * unit
      if (byte < 128) return value
    }
  }

  #string(): string {
    const huffman = (this.#bytes[this.#at] ?? 0) >= 0x80
    const length = this.#integer(0x7f)
    const bytes = this.#bytes.subarray(this.#at, (this.#at += length))
    if (bytes.length < length) throw new Error("string beyond its block")
    const text = Buffer.from(bytes).toString("latin1")
    return huffman ? huffmanText(text) : text
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new Error("block ends early")
    return byte
  }
}

/** Strings come again and again. */
const known = new Map<string, string>()

function huffmanText(encoded: string): string {
  let text = known.get(encoded)
  if (text !== undefined) return text
  text = decodeHuffman(Buffer.from(encoded, "latin1"))
  if (known.size < 1000) known.set(encoded, text)
  return text
}

function decodeHuffman(bytes: Uint8Array): string {
  let text = ""
  let code = 0
  let length = 0
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1)
      const symbol = symbols.get(++length * 2 ** 31 + code)
      if (symbol === undefined) continue
      if (symbol === endOfString) throw new Error("end-of-string in a string")
      text += String.fromCharCode(symbol)
      code = 0
      length = 0
    }
  }
  if (length > 7 || code !== 2 ** length - 1) throw new Error("Huffman padding")
  return text
}

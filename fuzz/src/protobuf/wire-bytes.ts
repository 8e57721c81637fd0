import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf"
import type { Random } from "../random.js"

/**
 * Bytes of a message of this type: known fields of every shape, many times over and in any order, unknown ones among
 * them, and now and then something that no writer would write and a reader has to take or to refuse.
 */
export function messageBytes(random: Random, message: DescMessage): Uint8Array {
  const writer = new WireWriter(random)
  if (random.oneIn(500)) writer.deep(message, 95 + random.below(10))
  else writer.fields(message, random.below(8), 0)
  return Uint8Array.from(writer.bytes)
}

const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2
const START_GROUP = 3
const END_GROUP = 4
const FIXED32 = 5

/** How deep messages go, but for those that are meant to go too deep. */
const USUAL_DEPTH = 4

class WireWriter {
  bytes: number[] = []
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  fields(message: DescMessage, count: number, depth: number): void {
    let field: DescField | undefined
    for (let i = 0; i < count; i++) {
      // The same field comes again often, so that merging has its turn.
      if (field === undefined || !this.#random.oneIn(3)) field = this.#pickField(message)
      if (field === undefined || this.#random.oneIn(12)) this.#unknown(1 + this.#random.below(3000), depth)
      else if (this.#random.oneIn(40)) this.#unknown(field.number, depth)
      else this.#field(field, depth)
    }
  }

  /** Messages of a type in one another, or groups, as deep as said. */
  deep(message: DescMessage, levels: number): void {
    const field = message.fields.find((candidate) => candidate.message === message && candidate.fieldKind !== "map")
    if (levels === 0) this.fields(message, 1, USUAL_DEPTH)
    else if (field === undefined) {
      const number = 1 + this.#random.below(100)
      this.#tag(number, START_GROUP)
      this.deep(message, levels - 1)
      this.#tag(number, END_GROUP)
    } else this.#bounded(field.number, isDelimited(field), () => this.deep(message, levels - 1))
  }

  #pickField(message: DescMessage): DescField | undefined {
    return message.fields.length === 0 ? undefined : this.#random.pick(message.fields)
  }

  #field(field: DescField, depth: number): void {
    if (field.fieldKind === "map") {
      this.#bounded(field.number, false, () => this.#mapEntry(field, depth))
    } else if (field.message !== undefined) {
      const { message } = field
      this.#bounded(field.number, isDelimited(field), () => {
        this.fields(message, depth >= USUAL_DEPTH ? 0 : this.#random.below(4), depth + 1)
      })
    } else if (field.fieldKind === "list" && isPackable(field.scalar) && this.#random.oneIn(2)) {
      this.#bounded(field.number, false, () => {
        for (let left = this.#random.below(12); left > 0; left--) this.#value(field.scalar, field)
      })
    } else {
      this.#tag(field.number, wireTypeOf(field.scalar))
      this.#value(field.scalar, field)
    }
  }

  /** Key and value, in either order, either left out, or either twice. */
  #mapEntry(field: DescField & { fieldKind: "map" }, depth: number): void {
    for (let left = this.#random.oneIn(4) ? this.#random.below(4) : 2, isKey = true; left > 0; left--) {
      if (this.#random.oneIn(10)) isKey = !isKey
      if (this.#random.oneIn(30)) this.#unknown(1 + this.#random.below(5), depth)
      else if (isKey) {
        this.#tag(1, wireTypeOf(field.mapKey))
        this.#value(field.mapKey, field)
      } else if (field.message !== undefined) {
        const { message } = field
        this.#bounded(2, false, () => this.fields(message, depth >= USUAL_DEPTH ? 0 : this.#random.below(3), depth + 1))
      } else {
        this.#tag(2, wireTypeOf(field.scalar))
        this.#value(field.scalar, field)
      }
      isKey = !isKey
    }
  }

  #unknown(number: number, depth: number): void {
    const wireType = this.#random.oneIn(100) ? this.#random.below(8) : this.#random.pick(wireTypes)
    if (wireType === START_GROUP) {
      this.#bounded(number, true, () => {
        for (let left = depth >= USUAL_DEPTH ? 0 : this.#random.below(3); left > 0; left--) {
          this.#unknown(1 + this.#random.below(20), depth + 1)
        }
      })
      return
    }
    this.#tag(number, wireType)
    if (wireType === VARINT) this.#varint(this.#integer())
    else if (wireType === FIXED32) this.#raw(4)
    else if (wireType === FIXED64) this.#raw(8)
    else if (wireType === LENGTH_DELIMITED) this.#text()
  }

  /** What `content` writes, behind its length or between the tags of a group. */
  #bounded(number: number, delimited: boolean, content: () => void): void {
    const asGroup = this.#random.oneIn(60) ? !delimited : delimited
    this.#tag(number, asGroup ? START_GROUP : LENGTH_DELIMITED)
    if (asGroup) {
      content()
      this.#tag(this.#random.oneIn(100) ? number + 1 : number, END_GROUP)
      return
    }
    const outer = this.bytes
    this.bytes = []
    content()
    const inner = this.bytes
    this.bytes = outer
    const wrong = this.#random.oneIn(100) ? this.#random.below(5) - 2 : 0
    this.#varint(Math.max(0, inner.length + wrong))
    for (const byte of inner) outer.push(byte)
  }

  #tag(number: number, wireType: number): void {
    this.#varint((number * 8 + wireType) % 2 ** 32)
  }

  #value(scalar: ScalarType | undefined, field: DescField): void {
    switch (wireTypeOf(scalar)) {
      case FIXED32:
        this.#raw(4)
        break
      case FIXED64:
        this.#raw(8)
        break
      case LENGTH_DELIMITED:
        this.#text()
        break
      default:
        if (field.enum !== undefined && !this.#random.oneIn(4)) {
          this.#varint(BigInt.asUintN(64, BigInt(this.#random.pick(field.enum.values).number)))
        } else this.#varint(this.#integer())
    }
  }

  /** Integers of every size, as varints know sizes. */
  #integer(): bigint {
    const size = this.#random.below(65)
    const value = (BigInt(this.#random.next()) << 32n) | BigInt(this.#random.next())
    return this.#random.oneIn(4) ? BigInt.asUintN(64, -BigInt.asUintN(size, value)) : BigInt.asUintN(size, value)
  }

  /** @param value a bigint when it may have more than 32 bits */
  #varint(value: bigint | number): void {
    let size = 1
    let rest = value
    for (; typeof rest === "bigint" && rest > 0xffff_ffffn; rest >>= 7n, size++) {
      this.bytes.push(Number(rest & 0x7fn) | 0x80)
    }
    let last = Number(rest)
    for (; last > 0x7f; last >>>= 7, size++) this.bytes.push((last & 0x7f) | 0x80)
    // A longer way to write the same; the longest of all no reader takes.
    const extra = this.#random.oneIn(50) ? this.#random.below(this.#random.oneIn(10) ? 12 : Math.max(1, 11 - size)) : 0
    this.bytes.push(extra > 0 ? last | 0x80 : last)
    for (let i = 1; i <= extra; i++) this.bytes.push(i === extra ? 0 : 0x80)
  }

  #raw(count: number): void {
    for (let i = 0; i < count; i++) this.bytes.push(this.#random.oneIn(3) ? 0 : this.#random.below(256))
  }

  /** A length and a text; now and then one that is no UTF-8. */
  #text(): void {
    const text = this.#random.pick(this.#random.oneIn(40) ? malformedTexts : texts)
    const times = this.#random.oneIn(20) ? this.#random.below(12) : this.#random.below(2)
    // Cut at any byte, rarely: most would then be no UTF-8 either.
    const length = this.#random.oneIn(60) ? this.#random.below(text.length + 1) : text.length * times
    this.#varint(length)
    for (let i = 0; i < length; i++) this.bytes.push(text[i % text.length]!)
  }
}

const wireTypes: readonly number[] = [VARINT, FIXED64, LENGTH_DELIMITED, START_GROUP, FIXED32]

const encoder = new TextEncoder()
const texts: readonly Uint8Array[] = [
  ...["abc", "the quick brown fox jumps over the lazy dog", "__proto__", "constructor", "é語😀", "\ufeff\ufffd\0"].map(
    (text) => encoder.encode(text),
  ),
]
const malformedTexts: readonly Uint8Array[] = [
  // Over-long, a surrogate, beyond the last code point, cut off.
  Uint8Array.of(0xc0, 0x80),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
  Uint8Array.of(0x61, 0xe2, 0x82),
]

function isDelimited(field: DescField): boolean {
  return "delimitedEncoding" in field && field.delimitedEncoding === true
}

function isPackable(scalar: ScalarType | undefined): boolean {
  return wireTypeOf(scalar) !== LENGTH_DELIMITED
}

/** Of a scalar, or of an enum, which has none. */
function wireTypeOf(scalar: ScalarType | undefined): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return LENGTH_DELIMITED
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return FIXED64
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return FIXED32
    default:
      return VARINT
  }
}

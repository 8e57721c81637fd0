import { HpackError } from "./hpack-error.js"

/** RFC 7541 §5.1 leaves the bound to us: nothing that is honest needs more, and it stays a 32-bit integer. */
const maxInteger = 2 ** 31 - 1

/** Five bytes carry 35 bits. More of them can only be zeros put there to keep the reader busy. */
const maxContinuationBytes = 5

/** Reads the rest of an integer whose prefix was all ones. One object is kept by a reader, so that nothing is made. */
export class IntegerReader {
  /** Where the integer read last ends. */
  end = 0

  /**
   * `prefix` is the value of the full prefix (2^N − 1); its continuation begins at bytes[at].
   * Throws HpackError when it is cut off, too long, or above 2^31 − 1.
   */
  continue(bytes: Uint8Array, at: number, stop: number, prefix: number): number {
    let value = prefix
    let unit = 1
    for (let read = 0; read < maxContinuationBytes; read++) {
      if (at >= stop) throw new HpackError("header block ends within an integer")
      const byte = bytes[at++]
      value += (byte & 0x7f) * unit
      if (byte < 0x80) {
        if (value > maxInteger) throw new HpackError(`integer ${value} is above ${maxInteger}`)
        this.end = at
        return value
      }
      unit *= 0x80
    }
    throw new HpackError(`integer has more than ${maxContinuationBytes} continuation bytes`)
  }
}

/**
 * Writes `value` (0 to 2^31 − 1) at into[at…] and returns where it ends. `prefix` is the largest prefix value
 * (2^N − 1), `flags` are the bits above the prefix.
 */
export function writeInteger(into: Uint8Array, at: number, flags: number, prefix: number, value: number): number {
  if (value < prefix) {
    into[at] = flags | value
    return at + 1
  }
  into[at++] = flags | prefix
  for (value -= prefix; value >= 0x80; value >>>= 7) into[at++] = value | 0x80
  into[at] = value
  return at + 1
}

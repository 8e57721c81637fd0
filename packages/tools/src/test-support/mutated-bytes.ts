import fc from "fast-check"

/** One change to a message's bytes; positions are fractions of the length, so that they fit whatever there is. */
export interface Mutation {
  readonly kind: "set" | "flip" | "cut" | "insert" | "remove" | "double"
  readonly at: number
  readonly value: number
}

const interesting = fc.constantFrom(0x00, 0x01, 0x07, 0x08, 0x0a, 0x0b, 0x0c, 0x12, 0x1a, 0x7f, 0x80, 0x8a, 0xff)

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom("set", "flip", "cut", "insert", "remove", "double"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  value: fc.oneof(fc.integer({ min: 0, max: 255 }), interesting),
})

export function mutate(bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  let result = bytes
  for (const { kind, at, value } of mutations) {
    const position = Math.floor(at * result.length)
    if (kind === "set") result = spliced(result, position, 1, [value])
    else if (kind === "flip") result = spliced(result, position, 1, [(result[position] ?? 0) ^ (1 << (value & 7))])
    else if (kind === "cut") result = result.slice(0, position)
    else if (kind === "insert") result = spliced(result, position, 0, [value])
    else if (kind === "remove") result = spliced(result, position, (value & 3) + 1, [])
    else result = spliced(result, position, 0, result.subarray(position, position + value))
  }
  return result
}

/** A copy with other bytes in place of so many; past the end there are none to take away. */
function spliced(bytes: Uint8Array, position: number, removed: number, inserted: ArrayLike<number>): Uint8Array {
  const rest = bytes.subarray(position + removed)
  const result = new Uint8Array(position + inserted.length + rest.length)
  result.set(bytes.subarray(0, position))
  result.set(inserted, position)
  result.set(rest, position + inserted.length)
  return result
}

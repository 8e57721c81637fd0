/** Header blocks by hand (RFC 7541), without the engine's encoder: nothing in them depends on what came before. */
export function headerBlock(...fields: readonly (readonly [name: string, value: string])[]): Uint8Array {
  return Buffer.concat(fields.map(([name, value]) => literal(0x00, name, value)))
}

/** A literal field; `first` is 0x40 to put it in the table, 0x00 not to, 0x10 never to. */
export function literal(first: number, name: string, value: string): Uint8Array {
  return Buffer.concat([Buffer.of(first), plain(name), plain(value)])
}

/** An integer with its first byte's upper bits, and as many lower ones as `prefix` says (2ᴺ−1). */
export function integer(first: number, prefix: number, value: number): Uint8Array {
  if (value < prefix) return Buffer.of(first | value)
  const bytes = [first | prefix]
  for (value -= prefix; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return Buffer.from([...bytes, value])
}

/** A reference to an entry of the tables. */
export function indexed(index: number): Uint8Array {
  return integer(0x80, 0x7f, index)
}

/** A string that is not Huffman-coded. */
function plain(text: string): Uint8Array {
  const bytes = Buffer.from(text, "latin1")
  return Buffer.concat([integer(0x00, 0x7f, bytes.length), bytes])
}

/** A gRPC request to a path. */
export function request(path: string, ...more: readonly (readonly [string, string])[]): Uint8Array {
  return headerBlock(
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "localhost"],
    ["te", "trailers"],
    ["content-type", "application/grpc"],
    ...more,
  )
}

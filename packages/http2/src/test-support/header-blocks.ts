import type { HpackDecoder } from "../hpack/decoder.js"
import type { HpackEncoder } from "../hpack/encoder.js"
import type { HeaderBlock, HeaderFields } from "../hpack/header-block.js"
import type { PreparedHeaders } from "../hpack/prepared-headers.js"

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"))
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}

/** Decodes a block that stands in the middle of a larger buffer, as blocks do. */
export function decodeHex(decoder: HpackDecoder, hex: string): HeaderBlock {
  const block = bytesOf(hex)
  const bytes = new Uint8Array(block.length + 20).fill(0xff)
  bytes.set(block, 10)
  return decoder.decode(bytes, 10, 10 + block.length)
}

/** Encodes to a buffer of exactly the promised size, in the middle of a larger one that must stay untouched. */
export function encodeBlock(
  encoder: HpackEncoder,
  headers: PreparedHeaders | HeaderFields | undefined,
  extra?: HeaderFields,
): Uint8Array {
  const room = encoder.maxLength(headers, extra)
  const bytes = new Uint8Array(room + 20).fill(0xaa)
  const end = encoder.encode(headers, extra, bytes, 10)
  if (end > 10 + room) throw new Error(`wrote ${end - 10} bytes, promised at most ${room}`)
  if (bytes.subarray(end).some((byte) => byte !== 0xaa) || bytes.subarray(0, 10).some((byte) => byte !== 0xaa)) {
    throw new Error("wrote outside of its block")
  }
  return bytes.slice(10, end)
}

/** The list as it was sent, in so far as a block tells it: pseudo-headers first, in one fixed order. */
export function allFields(block: HeaderBlock): string[] {
  const fields: string[] = []
  for (const name of ["method", "scheme", "path", "authority", "status", "protocol"] as const) {
    const value = block[name]
    if (value !== undefined) fields.push(`:${name}`, value)
  }
  return [...fields, ...block.fields]
}

/** The dynamic table, newest entry first, flat. */
export function tableOf(coder: HpackDecoder | HpackEncoder): string[] {
  const fields: string[] = []
  for (let place = 0; place < coder.tableLength; place++) {
    const entry = coder.tableEntry(place)!
    fields.push(entry.name, entry.value)
  }
  return fields
}

import { decodeHuffman, maxDecodedLength } from "./huffman.js"
import { readLatin1 } from "./latin1.js"

/** The characters of a string literal (RFC 7541 §5.2): bytes[start…stop) is what follows its length. */
export function decodeString(bytes: Uint8Array, start: number, stop: number, huffman: boolean): string {
  if (!huffman) return readLatin1(bytes, start, stop)
  const room = decodingRoom(maxDecodedLength(stop - start))
  return readLatin1(room, 0, decodeHuffman(bytes, start, stop, room))
}

/** Where Huffman strings are decoded to: one for all, as what is in it is turned to a string at once. */
let scratch = new Uint8Array(512)
const maxScratch = 16_384

function decodingRoom(size: number): Uint8Array {
  if (size <= scratch.length) return scratch
  const room = new Uint8Array(size)
  if (size <= maxScratch) scratch = room
  return room
}

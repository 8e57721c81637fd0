import { readString } from "./read-string.js"
import type { Reader } from "./reader.js"

/** Longer keys are not remembered. */
const KEY_MAX = 24

/** A power of two. */
const SLOTS = 256

const keys: string[] = new Array<string>(SLOTS).fill("")

/**
 * Reads the key of a map's entry like `readString`. Maps of one kind have the same keys over and over, and an engine looks
 * each new text up in a table of its own before it makes a property of it: keys that came lately are used again.
 */
export function readKey(reader: Reader, position: number): string {
  const bytes = reader.bytes
  const length = bytes[position]!
  const end = position + 1 + length
  if (!(length <= KEY_MAX) || end > reader.stop) return readString(reader, position)
  let hash = length
  for (let i = position + 1; i < end; i++) hash = (hash * 31 + bytes[i]!) & 0xffffff
  const slot = hash & (SLOTS - 1)
  const known = keys[slot]!
  if (known.length === length && isText(known, bytes, position + 1)) {
    reader.position = end
    return known
  }
  const key = readString(reader, position)
  // Text with anything but ASCII in it has fewer characters than bytes.
  if (key.length === length) keys[slot] = key
  return key
}

function isText(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}

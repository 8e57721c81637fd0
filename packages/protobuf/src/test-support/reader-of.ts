import { Reader } from "../wire/reader.js"

/** A reader of all of these bytes. */
export function readerOf(bytes: Uint8Array): Reader {
  const reader = new Reader()
  reader.bytes = bytes
  reader.stop = bytes.length
  return reader
}

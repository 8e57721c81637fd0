/** A copy of bytes[start…stop) in memory of its own. Not by `slice`: of a Node Buffer that gives a view. */
export function copyOf(bytes: Uint8Array, start: number, stop: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, stop))
}

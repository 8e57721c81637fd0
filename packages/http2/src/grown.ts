/** `bytes` in memory of `size` bytes, of which the first `length` are what they were, and the rest 0. */
export function grown(bytes: Uint8Array, length: number, size: number): Uint8Array {
  const larger = new Uint8Array(size)
  larger.set(bytes.subarray(0, length))
  return larger
}

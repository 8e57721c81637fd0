/**
 * Where bytes[start…end) stop being UTF-8 (RFC 3629 §4): the first byte of the first sequence that is malformed or cut
 * off; undefined when all are.
 */
export function malformedAt(bytes: Uint8Array, start: number, end: number): number | undefined {
  for (let position = start; position < end; ) {
    const length = sequenceLength(bytes, position, end)
    if (length === 0) return position
    position += length
  }
  return undefined
}

/** How many bytes the well-formed sequence at `position` has; 0 when there is none. */
function sequenceLength(bytes: Uint8Array, position: number, end: number): number {
  const first = bytes[position]!
  if (first < 0x80) return 1
  // 0x80 to 0xbf follow others; 0xc0 and 0xc1 could only begin what is one byte long.
  if (first < 0xc2 || first > 0xf4) return 0
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  if (position + length > end) return 0
  const second = bytes[position + 1]!
  // Over-long forms, surrogates, and what is beyond U+10FFFF show in the second byte.
  if (first === 0xe0 && second < 0xa0) return 0
  if (first === 0xed && second > 0x9f) return 0
  if (first === 0xf0 && second < 0x90) return 0
  if (first === 0xf4 && second > 0x8f) return 0
  for (let i = 1; i < length; i++) if ((bytes[position + i]! & 0xc0) !== 0x80) return 0
  return length
}

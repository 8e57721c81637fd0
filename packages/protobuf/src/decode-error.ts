/** Bytes that are not the message they were said to be. */
export class DecodeError extends Error {
  override readonly name: string = "DecodeError"
}

/** Something claims to go on past the end of what it stands in. */
export function truncated(): DecodeError {
  return new DecodeError("the message ends in the middle of a field")
}

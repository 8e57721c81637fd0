/** Bytes that are not the message they were said to be. */
export class DecodeError extends Error {
  override readonly name: string = "DecodeError"
  /**
   * What the mistake is in: the full name of a field or, between fields, of a message; undefined where the codec cannot
   * tell.
   */
  readonly field: string | undefined
  /** The byte of the message, counted from 0, that the mistake begins with; undefined where the codec cannot tell. */
  readonly position: number | undefined

  constructor(reason: string, field?: string, position?: number, options?: ErrorOptions) {
    super(field === undefined ? reason : `${field}: byte ${position}: ${reason}`, options)
    this.field = field
    this.position = position
  }
}

/** Something claims to go on past the end of what it stands in. */
export function truncated(): DecodeError {
  return new DecodeError("the message ends in the middle of a field")
}

/** What a command was given cannot be used; the message, and what may help, are for the user. */
export class InputError extends Error {
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

import type { Position } from "./diagnostics.js"
import type { Hint } from "./did-you-mean.js"

/** What is wrong with an option, and where. */
export class OptionError extends Error {
  readonly position: Position | undefined
  readonly hint: Hint | undefined

  constructor(position: Position | undefined, message: string, hint?: Hint) {
    super(message)
    this.position = position
    this.hint = hint
  }
}

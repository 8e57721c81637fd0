import type { Hint } from "../compile/did-you-mean.js"
import type { TokenKind } from "../compile/lexer.js"

/** What is wrong with a text, in the words of C++'s TextFormat. */
export class TextFormatError extends Error {
  override readonly name: string = "TextFormatError"
  /** Counted from 1; undefined in the value of an option, whose own place is known. */
  readonly line: number | undefined
  /** Counted from 1, in bytes, a tab going on to the next multiple of eight. */
  readonly column: number | undefined
  /** Tells what may have been meant, if anything; worked out when it is called. */
  readonly hint: Hint | undefined

  constructor(message: string, at?: TextToken, hint?: Hint) {
    const isKnown = at?.line !== undefined && at.column !== undefined
    super(isKnown ? `${at.line! + 1}:${at.column! + 1}: ${message}` : message)
    this.line = isKnown ? at.line! + 1 : undefined
    this.column = isKnown ? at.column! + 1 : undefined
    this.hint = hint
  }
}

/** A token of text format: of the value of an option, or of a text. */
export interface TextToken {
  readonly kind: TokenKind
  readonly text: string
  /** Where it stands, counted from 0; of an option's value nobody asks. */
  readonly line?: number
  readonly column?: number
}

import type { Hint } from "../compile/did-you-mean.js"
import { integerValue, stringValue } from "../compile/literal.js"
import { TextFormatError, type TextToken } from "./text-format-error.js"

/** Messages in messages that can be read back: protobuf's readers go no deeper. */
export const MAX_DEPTH = 100

/** A place among the tokens of a text, and what is read there without knowing of types. Every mistake is a TextFormatError. */
export class TextCursor {
  private readonly tokens: readonly TextToken[]
  private index = 0
  private depth = 0

  constructor(tokens: readonly TextToken[]) {
    this.tokens = tokens
  }

  /** The current token; behind the last one, an end. */
  get token(): TextToken {
    return this.tokens[this.index] ?? END
  }

  /** Whether there are no more tokens. */
  get atEnd(): boolean {
    return this.token.kind === "end"
  }

  /** Moves to the next token. */
  advance(): void {
    this.index++
  }

  /**
   * Ends the reading with an error.
   * @param at the token that the mistake is in; the current one when left out
   */
  fail(message: string, { at, hint }: { at?: TextToken; hint?: Hint } = {}): never {
    throw new TextFormatError(message, at ?? this.token, hint)
  }

  /** Moves over the current token if it is this one, and says whether it was. */
  accept(text: string): boolean {
    if (this.token.text !== text) return false
    this.index++
    return true
  }

  /** As `accept`, and fails if it was not. */
  expect(text: string): void {
    if (!this.accept(text)) this.fail(`Expected "${text}", found "${this.found}".`)
  }

  /** The current token as errors show it: the closing brace is no part of the text that C++ is given. */
  get found(): string {
    return this.index >= this.tokens.length - 1 ? "" : this.token.text
  }

  /** An identifier. */
  identifier(): string {
    const { kind, text } = this.token
    if (kind !== "identifier") this.fail(`Expected identifier, got: ${this.found}`)
    this.index++
    return text
  }

  /** Goes one level down, no deeper than `MAX_DEPTH`. */
  enter(): void {
    if (++this.depth <= MAX_DEPTH) return
    this.fail(`Message is too deep, the parser exceeded the configured recursion limit of ${MAX_DEPTH}.`)
  }

  /** Comes up from what `enter` went down into. */
  leave(): void {
    this.depth--
  }

  /** What stands between brackets; `typeName` is what is behind the last slash. */
  bracketedName(): { readonly name: string; readonly typeName: string } {
    let name = ""
    while (this.token.kind !== "string" && URL_CHARACTERS.test(this.token.text)) {
      name += this.token.text
      this.index++
    }
    // Between brackets C++ knows no tokens but URLs and single characters.
    if (!this.accept("]")) this.fail(`Expected "]", found "${this.found.slice(0, 1)}".`)
    const slash = name.lastIndexOf("/")
    if (slash === 0) this.fail("Type URL prefix is empty")
    if (name.startsWith("/")) this.fail('Type URL starts with "/"')
    const badEscape = BAD_ESCAPE.exec(name.slice(0, slash + 1))
    if (badEscape) this.fail(`Invalid percent encode, got: "${badEscape[0]}"`)
    const typeName = name.slice(slash + 1)
    const badPart = typeName.split(".").find((part) => !IDENTIFIER.test(part))
    if (badPart !== undefined) this.fail(`Invalid identifier in type name, got: "${badPart}"`)
    return { name, typeName }
  }

  /** A string: literals that follow one another are one. */
  string(): string {
    if (this.token.kind !== "string") this.fail(`Expected string, got: ${this.found}`)
    let value = ""
    for (; this.token.kind === "string"; this.index++) value += stringValue(this.token.text)
    return value
  }

  /** An integer, its minus already read; not below `min`, nor above `max`. */
  integer(isNegative: boolean, min: bigint, max: bigint): bigint {
    const { kind, text } = this.token
    if (kind !== "integer") this.fail(`Expected integer, got: ${this.found}`)
    const value = isNegative ? -integerValue(text) : integerValue(text)
    if (value < min || value > max) this.fail(`Integer out of range (${text})`)
    this.index++
    return value
  }
}

/** Tokens that may stand in the name of an extension or the URL of a type. */
const URL_CHARACTERS = /^[\w\-.~!$&()*+,;=%/]+$/
/** A percent sign without its two digits. */
const BAD_ESCAPE = /%(?![\da-fA-F]{2}).{0,2}/
const IDENTIFIER = /^[A-Za-z_]\w*$/

const END: TextToken = { kind: "end", text: "" }

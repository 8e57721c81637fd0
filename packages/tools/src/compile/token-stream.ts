import {
  type DescriptorProto_ExtensionRange,
  type DescriptorProto_ReservedRange,
  Edition,
  type SourceCodeInfo_Location,
} from "@bufbuild/protobuf/wkt"
import { decodeByteString } from "./byte-string.js"
import type { DiagnosticList, Position } from "./diagnostics.js"
import { didYouMean, type Hint } from "./did-you-mean.js"
import { MAX_INT32, MAX_UINT64 } from "./integer-ranges.js"
import { Lexer } from "./lexer.js"
import { integerValue, stringValue } from "./literal.js"
import type { OptionOwner, OptionStatement } from "./parsed-file.js"
import { type Path, SourceInfo } from "./source-info.js"

/** Thrown by `fail` up to the nearest statement loop, which goes on after the statement. */
class StatementError extends Error {}

/**
 * What all parts of the parser share: the tokens of one file, its errors, its source info, and the comments waiting for
 * the declaration they belong to.
 */
export class TokenStream {
  readonly lexer: Lexer
  readonly source: SourceInfo = new SourceInfo()
  readonly options: Map<OptionOwner, OptionStatement[]> = new Map()
  readonly fileName: string
  /** What the file says of itself at its top; without a word it is proto2. */
  syntax: "proto2" | "proto3" | "editions" = "proto2"
  /** Known only when the syntax is that of editions. */
  edition: Edition = Edition.EDITION_UNKNOWN
  /** The ranges that end in `max`, which the message's options may move. */
  readonly rangesToMax: Set<DescriptorProto_ExtensionRange | DescriptorProto_ReservedRange> = new Set()
  private readonly diagnostics: DiagnosticList
  private leading = ""
  private detached: string[] = []

  /** `source` is a byte string. */
  constructor(fileName: string, source: string, diagnostics: DiagnosticList) {
    this.fileName = fileName
    this.diagnostics = diagnostics
    this.lexer = new Lexer(source, (line, column, message) => this.errorAt({ line, column }, message))
  }

  /** Moves to the first token. */
  start(): void {
    const comments = this.lexer.nextWithComments()
    this.leading = comments.leading
    this.detached = comments.detached
  }

  get atEnd(): boolean {
    return this.lexer.kind === "end"
  }

  get here(): Position {
    return { line: this.lexer.line, column: this.lexer.column }
  }

  error(message: string, hint?: Hint): void {
    this.errorAt(this.here, message, hint)
  }

  errorAt(position: Position | undefined, message: string, hint?: Hint): void {
    this.diagnostics.error(this.fileName, position, message, hint)
  }

  warningAt(position: Position, message: string): void {
    this.diagnostics.warning(this.fileName, position, message)
  }

  /** Reports an error at the current token and gives up the statement. */
  fail(message: string, hint?: Hint): never {
    return this.failAt(this.here, message, hint)
  }

  failAt(position: Position | undefined, message: string, hint?: Hint): never {
    this.errorAt(position, message, hint)
    throw new StatementError(message)
  }

  /** Whether the current token is this word or symbol. A string literal never is: it keeps its quotes. */
  is(text: string): boolean {
    return this.lexer.text === text
  }

  accept(text: string): boolean {
    if (this.lexer.text !== text) return false
    this.lexer.next()
    return true
  }

  /** Suggests one of these words in the place of the current one. */
  suggest(words: Iterable<string>): string | undefined {
    return this.lexer.kind === "identifier" ? didYouMean(this.lexer.text, words) : undefined
  }

  expect(text: string, message: string = `Expected "${text}".`, hint: Hint = () => this.suggest([text])): void {
    if (!this.accept(text)) this.fail(message, hint)
  }

  identifier(message: string, hint?: Hint): string {
    if (this.lexer.kind !== "identifier") this.fail(message, hint)
    const { text } = this.lexer
    this.lexer.next()
    return text
  }

  /** An integer from 0 to `max`. */
  integer(message: string, max: number): number {
    if (this.lexer.kind !== "integer") this.fail(message)
    let value = integerValue(this.lexer.text)
    if (value > BigInt(max)) {
      this.error("Integer out of range.")
      value = 0n
    }
    this.lexer.next()
    return Number(value)
  }

  /** An integer with an optional minus before it. */
  signedInteger(message: string): number {
    return this.accept("-") ? -this.integer(message, MAX_INT32 + 1) : this.integer(message, MAX_INT32)
  }

  /** An integer of any size. What has no 64 bits is meant as a floating-point number, which only a decimal can be. */
  anyInteger(): bigint {
    const { text } = this.lexer
    const value = integerValue(text)
    if (value > MAX_UINT64 && text.startsWith("0")) this.error("Integer out of range.")
    this.lexer.next()
    return value
  }

  /** The bytes of one or more adjacent string literals, as a byte string. */
  byteString(message: string): string {
    if (this.lexer.kind !== "string") this.fail(message)
    let value = ""
    while (this.lexer.kind === "string") {
      value += stringValue(this.lexer.text)
      this.lexer.next()
    }
    return value
  }

  /** The text of one or more adjacent string literals. */
  string(message: string): string {
    return decodeByteString(this.byteString(message))
  }

  /** `a.b.c`. */
  dottedName(first: string, further: string = first): string {
    let name = this.identifier(first)
    while (this.accept(".")) name += `.${this.identifier(further)}`
    return name
  }

  /**
   * Moves over a `;`, `{` or `}` that ends a declaration or its head, if it is there. The comments around it go to the
   * location given; without one (a `}`, an empty statement) those that no other declaration can claim stay for the next.
   */
  acceptEnd(text: ";" | "{" | "}", location: SourceCodeInfo_Location | undefined): boolean {
    if (this.lexer.text !== text) return false
    const { leading } = this
    const comments = this.lexer.nextWithComments()
    this.leading = comments.leading
    if (location) {
      if (leading) location.leadingComments = decodeByteString(leading)
      if (comments.trailing) location.trailingComments = decodeByteString(comments.trailing)
      if (this.detached.length > 0) location.leadingDetachedComments = this.detached.map(decodeByteString)
      this.detached = comments.detached
    } else if (text === "}") {
      // A declaration has ended within: what was detached before the brace is nobody's.
      this.detached = comments.detached
    } else {
      this.detached.push(...comments.detached)
    }
    return true
  }

  expectEnd(text: ";" | "{" | "}", location: SourceCodeInfo_Location | undefined): void {
    if (!this.acceptEnd(text, location)) this.fail(`Expected "${text}".`, () => this.suggestEnd(text))
  }

  /** What is missing at the end of a line is missed only at the next token. */
  private suggestEnd(text: string): string | undefined {
    const { line, previousLine } = this.lexer
    return line > previousLine ? `is a \`${text}\` missing at the end of line ${previousLine + 1}?` : undefined
  }

  /** Begins a location at the current token. */
  open(path: Path): SourceCodeInfo_Location {
    return this.source.open(path, this.lexer.line, this.lexer.column)
  }

  openAt(path: Path, start: Position): SourceCodeInfo_Location {
    return this.source.open(path, start.line, start.column)
  }

  /** Ends a location with the previous token. */
  close(location: SourceCodeInfo_Location): void {
    this.source.close(location, this.lexer.previousLine, this.lexer.previousEndColumn)
  }

  /** Parses something whose tokens make up the location with this path. A failing parse leaves the location open. */
  within<T>(path: Path, parse: (location: SourceCodeInfo_Location) => T): T {
    const location = this.open(path)
    const result = parse(location)
    this.close(location)
    return result
  }

  /** A declaration's name. */
  declaredName(path: Path, message: string, hint?: Hint): string {
    return this.within([...path, 1], () => this.identifier(message, hint))
  }

  /** Runs the parse of one statement; when it fails, moves on to the next statement and returns false. */
  statement(parse: () => void): boolean {
    const succeeded = this.attempt(parse)
    if (!succeeded) this.skipStatement()
    return succeeded
  }

  /** Returns false, without moving on, when the parse fails. */
  attempt(parse: () => void): boolean {
    try {
      parse()
      return true
    } catch (error) {
      if (!(error instanceof StatementError)) throw error
      return false
    }
  }

  /** Parses statements up to the closing brace. `construct` names what has no brace when the file ends first. */
  block(construct: string, parse: () => void): void {
    const openedOn = this.lexer.previousLine
    const hint = (): string => `the \`{\` in line ${openedOn + 1} is not closed`
    while (!this.acceptEnd("}", undefined)) {
      if (this.atEnd) this.fail(`Reached end of input in ${construct} (missing '}').`, hint)
      this.statement(() => {
        if (!this.acceptEnd(";", undefined)) parse()
      })
    }
  }

  private skipStatement(): void {
    while (!this.atEnd) {
      if (this.acceptEnd(";", undefined)) return
      if (this.accept("{")) {
        this.skipBlock()
        return
      }
      if (this.is("}")) return
      this.lexer.next()
    }
  }

  private skipBlock(): void {
    for (let depth = 1; !this.atEnd; this.lexer.next()) {
      if (this.acceptEnd("}", undefined)) {
        if (--depth === 0) return
      } else if (this.accept("{")) {
        depth++
      }
    }
  }
}

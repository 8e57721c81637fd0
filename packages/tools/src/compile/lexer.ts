import { Comments } from "./comments.js"

/** What a token is; "start" before the first one, "end" behind the last. */
export type TokenKind = "start" | "end" | "identifier" | "integer" | "float" | "string" | "symbol"

/** Told of an error at a line and column, both counted from 0. */
export type ReportError = (line: number, column: number, message: string) => void

/**
 * Cuts a .proto file into tokens, with the columns, the comments and the errors of protoc's tokenizer
 * (google/protobuf/io/tokenizer.cc). The current token's properties are the lexer's own, so that none is allocated. It is
 * one file because a place in the source of its own costs a sixth of its speed, and tables elsewhere a twentieth.
 */
export class Lexer {
  kind: TokenKind = "start"
  /** The token as it is written; string literals keep their quotes. */
  text = ""
  /** Where it begins, both from 0. */
  line = 0
  column = 0
  /** The column after the token's last byte. */
  endColumn = 0
  /** Where the token before it ended. */
  previousLine = 0
  previousEndColumn = 0

  private readonly source: string
  private readonly report: ReportError
  private readonly isText: boolean
  private readonly hasNul: boolean
  private offset = 0
  private currentLine = 0
  /** Column = offset − lineBase. Moves back at each tab, which counts up to eight columns. */
  private lineBase = 0

  /**
   * @param source a byte string
   * @param language "text": text format, whose comments begin with `#`, and whose floats may end in an `f`
   */
  constructor(source: string, report: ReportError, language: "proto" | "text" = "proto") {
    this.source = source
    this.report = report
    this.isText = language === "text"
    this.hasNul = source.includes("\0")
  }

  /** Moves to the next token, over blanks and comments; false at the end of the file. */
  next(): boolean {
    this.previousLine = this.line
    this.previousEndColumn = this.endColumn
    for (;;) {
      const code = this.source.charCodeAt(this.offset)
      if (code === SPACE) this.offset++
      else if (code === NEWLINE) this.newline()
      else if (code === TAB) this.tab()
      else if (isBlank(code)) this.offset++
      else if (this.isText) {
        if (code !== HASH) return this.token(code)
        this.lineComment(1)
      } else if (code === SLASH) {
        const comment = this.commentAhead()
        if (comment === "line") this.lineComment()
        else if (comment === "block") this.blockComment()
        else return this.token(code)
      } else if (code < SPACE) this.controlCharacters()
      else return this.token(code)
    }
  }

  /** Like `next`, and tells which comments stood between the two tokens and whose they are. */
  nextWithComments(): Comments {
    const comments = new Comments()
    // Before the first token there is no declaration to share a line with.
    const startLine = this.kind === "start" ? -1 : this.currentLine
    let trailingEndLine = -1
    if (this.kind === "start") {
      if (!this.skipByteOrderMark()) return comments
      comments.detachFromPrevious()
    } else {
      // A comment on the same line as the previous declaration trails it; what follows on later lines does not join it.
      this.skipBlanks()
      const comment = this.commentAhead()
      if (comment === "line") {
        trailingEndLine = this.currentLine
        comments.addLine(this.lineComment())
        comments.flush()
      } else if (comment === "block") {
        comments.addBlock(this.blockComment())
        trailingEndLine = this.currentLine
        this.skipBlanks()
        comments.flush()
      } else if (this.source.charCodeAt(this.offset) === NEWLINE) {
        this.newline()
      } else {
        this.next()
        return comments
      }
    }
    for (;;) {
      this.skipBlanks()
      const comment = this.commentAhead()
      if (comment === "line") {
        comments.addLine(this.lineComment())
      } else if (comment === "block") {
        comments.addBlock(this.blockComment())
        // The rest of the line is no blank line of its own.
        this.skipBlanks()
        if (this.source.charCodeAt(this.offset) === NEWLINE) this.newline()
      } else if (this.source.charCodeAt(this.offset) === NEWLINE) {
        this.newline()
        comments.flush()
        comments.detachFromPrevious()
      } else {
        const found = this.next()
        // At the end of a scope a comment cannot lead what comes next.
        if (!found || this.text === "}" || this.text === "]" || this.text === ")") comments.flush()
        if (startLine === this.line || trailingEndLine === this.line) comments.detachLoneComment()
        return comments.finish()
      }
    }
  }

  /** Whether the token after the current one begins with this character; blanks but no comments are skipped. */
  followedBy(character: string): boolean {
    let at = this.offset
    while (isBlank(this.source.charCodeAt(at)) || this.source.charCodeAt(at) === NEWLINE) at++
    return this.source[at] === character
  }

  private newline(): void {
    this.offset++
    this.currentLine++
    this.lineBase = this.offset
  }

  private tab(): void {
    const column = this.offset - this.lineBase
    this.lineBase -= 7 - (column % 8)
    this.offset++
  }

  private skipBlanks(): void {
    for (;;) {
      const code = this.source.charCodeAt(this.offset)
      if (code === TAB) this.tab()
      else if (isBlank(code)) this.offset++
      else return
    }
  }

  /** Returns false, having said so and without a token, when it is not whole. */
  private skipByteOrderMark(): boolean {
    if (this.source.charCodeAt(this.offset) !== BYTE_ORDER_MARK.charCodeAt(0)) return true
    for (const character of BYTE_ORDER_MARK) {
      if (this.source[this.offset] !== character) {
        this.errorHere("Proto file starts with 0xEF but not UTF-8 BOM. Only UTF-8 is accepted for proto file.")
        return false
      }
      this.offset++
    }
    return true
  }

  private controlCharacters(): void {
    this.report(this.currentLine, this.offset - this.lineBase, "Invalid control characters encountered in text.")
    do this.offset++
    while (isControl(this.source.charCodeAt(this.offset)))
  }

  private commentAhead(): "line" | "block" | undefined {
    if (this.source.charCodeAt(this.offset) !== SLASH) return undefined
    const second = this.source.charCodeAt(this.offset + 1)
    return second === SLASH ? "line" : second === STAR ? "block" : undefined
  }

  /** The comment's text after `//` (or what else begins it, so many characters), its newline included. */
  private lineComment(markLength: number = 2): string {
    const start = this.offset + markLength
    const newline = this.source.indexOf("\n", start)
    const line = this.source.slice(start, newline < 0 ? this.source.length : newline + 1)
    const nul = this.hasNul ? line.indexOf("\0") : -1
    const comment = nul < 0 ? line : line.slice(0, nul)
    this.offset = start + comment.length
    if (comment.endsWith("\n")) {
      this.offset--
      this.newline()
    }
    return comment
  }

  /** The comment's text, without the blanks and the asterisk that begin each further line. */
  private blockComment(): string {
    const { source } = this
    const startLine = this.currentLine
    const startColumn = this.offset - this.lineBase
    let text = ""
    let from = (this.offset += 2)
    for (;;) {
      const code = source.charCodeAt(this.offset)
      if (code === NEWLINE) {
        this.newline()
        text += source.slice(from, this.offset)
        this.skipBlanks()
        if (source.charCodeAt(this.offset) === STAR) {
          this.offset++
          if (source.charCodeAt(this.offset) === SLASH) {
            this.offset++
            return text
          }
        }
        from = this.offset
      } else if (code === STAR && source.charCodeAt(this.offset + 1) === SLASH) {
        text += source.slice(from, this.offset)
        this.offset += 2
        return text
      } else if (code === SLASH && source.charCodeAt(this.offset + 1) === STAR) {
        this.offset++
        this.errorHere('"/*" inside block comment.  Block comments cannot be nested.')
      } else if (code === TAB) {
        this.tab()
      } else if (code === NUL || this.offset >= source.length) {
        this.errorHere("End-of-file inside block comment.")
        this.report(startLine, startColumn, "  Comment started here.")
        return text + source.slice(from, this.offset)
      } else {
        this.offset++
      }
    }
  }

  private errorHere(message: string): void {
    this.report(this.currentLine, this.offset - this.lineBase, message)
  }

  private token(first: number): boolean {
    const { source } = this
    const start = this.offset
    this.line = this.currentLine
    this.column = start - this.lineBase
    if (isLetter(first)) {
      let at = start + 1
      while (isLetterOrDigit(source.charCodeAt(at))) at++
      this.offset = at
      this.kind = "identifier"
    } else if (isDigit(first)) {
      this.number(first)
    } else if (first === DOT && isDigit(source.charCodeAt(start + 1))) {
      if (this.kind === "identifier" && this.previousLine === this.line && this.previousEndColumn === this.column) {
        this.report(this.line, this.column, "Need space between identifier and decimal point.")
      }
      this.number(first)
    } else if (first === QUOTE || first === APOSTROPHE) {
      this.string(first)
    } else if (start >= source.length) {
      this.kind = "end"
      this.text = ""
      this.endColumn = this.column
      return false
    } else {
      if (first > DELETE) this.report(this.line, this.column, `Interpreting non ascii codepoint ${first}.`)
      this.offset++
      this.kind = "symbol"
    }
    this.text = source.slice(start, this.offset)
    this.endColumn = this.offset - this.lineBase
    return true
  }

  private digits(): void {
    while (isDigit(this.source.charCodeAt(this.offset))) this.offset++
  }

  private number(first: number): void {
    const { source } = this
    this.kind = "integer"
    const second = source.charCodeAt(this.offset + 1)
    if (first === ZERO && (second | LOWER_CASE) === LOWER_X) {
      this.offset += 2
      if (!isHexDigit(source.charCodeAt(this.offset))) this.errorHere('"0x" must be followed by hex digits.')
      while (isHexDigit(source.charCodeAt(this.offset))) this.offset++
    } else if (first === ZERO && isDigit(second)) {
      this.offset++
      while (isOctalDigit(source.charCodeAt(this.offset))) this.offset++
      if (isDigit(source.charCodeAt(this.offset))) {
        this.errorHere("Numbers starting with leading zero must be in octal.")
        this.digits()
      }
    } else {
      this.digits()
      if (source.charCodeAt(this.offset) === DOT) {
        this.kind = "float"
        this.offset++
        this.digits()
      }
      if ((source.charCodeAt(this.offset) | LOWER_CASE) === LOWER_E) {
        this.kind = "float"
        this.offset++
        const sign = source.charCodeAt(this.offset)
        if (sign === PLUS || sign === MINUS) this.offset++
        if (!isDigit(source.charCodeAt(this.offset))) this.errorHere('"e" must be followed by exponent.')
        this.digits()
      }
      if (this.isText && (source.charCodeAt(this.offset) | LOWER_CASE) === LOWER_F) {
        this.kind = "float"
        this.offset++
      }
    }
    if (this.isText) return
    const after = source.charCodeAt(this.offset)
    if (isLetter(after)) this.errorHere("Need space between number and identifier.")
    else if (after === DOT) {
      this.errorHere(
        this.kind === "float"
          ? "Already saw decimal point or exponent; can't have another one."
          : "Hex and octal numbers must be integers.",
      )
    }
  }

  private string(delimiter: number): void {
    const { source } = this
    this.kind = "string"
    this.offset++
    for (;;) {
      const code = source.charCodeAt(this.offset)
      if (code === delimiter) {
        this.offset++
        return
      }
      if (code === BACKSLASH) {
        this.offset++
        this.escape()
      } else if (code === NEWLINE) {
        this.errorHere('Multiline strings are not allowed. Did you miss a "?.')
        return
      } else if (code === NUL || this.offset >= source.length) {
        this.errorHere("Unexpected end of string.")
        return
      } else if (code === TAB) {
        this.tab()
      } else {
        this.offset++
      }
    }
  }

  /** Checks what follows a backslash; the literal is decoded when its value is asked for. */
  private escape(): void {
    const code = this.source.charCodeAt(this.offset)
    const letter = this.source[this.offset] ?? ""
    if (letter !== "" && "abfnrtv\\?'\"".includes(letter)) {
      this.offset++
    } else if (isOctalDigit(code)) {
      this.offset++
    } else if (letter === "x" || letter === "X") {
      this.offset++
      if (!isHexDigit(this.source.charCodeAt(this.offset))) this.errorHere("Expected hex digits for escape sequence.")
    } else if (letter === "u") {
      this.offset++
      if (!this.hexDigits(4)) this.errorHere("Expected four hex digits for \\u escape sequence.")
      else if (this.isText) this.checkCodePoint(4)
    } else if (letter === "U") {
      this.offset++
      // Code points end at 10ffff.
      if (!(this.zeroes(2) && (this.zeroes(1) || this.digitOne()) && this.hexDigits(5)))
        this.errorHere("Expected eight hex digits up to 10ffff for \\U escape sequence")
      else if (this.isText) this.checkCodePoint(8)
    } else {
      this.errorHere("Invalid escape sequence in string literal.")
    }
  }

  /** The hexadecimal digits before the offset have to be a character's; in .proto files protoc takes others too. */
  private checkCodePoint(digits: number): void {
    const codePoint = Number.parseInt(this.source.slice(this.offset - digits, this.offset), 16)
    if (codePoint > 0x10ffff) this.errorHere("Expected eight hex digits up to 10ffff for \\U escape sequence")
    else if (codePoint >= 0xd800 && codePoint < 0xe000) this.errorHere("Half of a surrogate pair is no character.")
  }

  private zeroes(count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (this.source.charCodeAt(this.offset) !== ZERO) return false
      this.offset++
    }
    return true
  }

  private digitOne(): boolean {
    if (this.source.charCodeAt(this.offset) !== ZERO + 1) return false
    this.offset++
    return true
  }

  private hexDigits(count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (!isHexDigit(this.source.charCodeAt(this.offset))) return false
      this.offset++
    }
    return true
  }
}

const BYTE_ORDER_MARK = "\xef\xbb\xbf"
/** In strings and comments C++ takes it for the end of the file. */
const NUL = 0x00
const TAB = 0x09
const NEWLINE = 0x0a
const SPACE = 0x20
const QUOTE = 0x22
const HASH = 0x23
const APOSTROPHE = 0x27
const STAR = 0x2a
const PLUS = 0x2b
const MINUS = 0x2d
const DOT = 0x2e
const SLASH = 0x2f
const ZERO = 0x30
const BACKSLASH = 0x5c
const LOWER_E = 0x65
const LOWER_F = 0x66
const LOWER_X = 0x78
const DELETE = 0x7f
/** Set in the code of a lower case letter, clear in that of its capital. */
const LOWER_CASE = 0x20

const LETTER = 1
const DIGIT = 2
const OCTAL = 4
const HEX = 8
const BLANK = 16

const CLASSES: Uint8Array = new Uint8Array(256)
for (const [characters, bits] of [
  ["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", LETTER],
  ["0123456789", DIGIT],
  ["01234567", OCTAL],
  ["0123456789abcdefABCDEF", HEX],
  [" \t\r\v\f", BLANK],
] as const) {
  for (const character of characters) CLASSES[character.charCodeAt(0)] |= bits
}

// charCodeAt gives NaN after the last character; as an index that is undefined, which no mask matches.
function isLetter(code: number): boolean {
  return (CLASSES[code] & LETTER) !== 0
}
function isDigit(code: number): boolean {
  return (CLASSES[code] & DIGIT) !== 0
}
function isLetterOrDigit(code: number): boolean {
  return (CLASSES[code] & (LETTER | DIGIT)) !== 0
}
function isOctalDigit(code: number): boolean {
  return (CLASSES[code] & OCTAL) !== 0
}
function isHexDigit(code: number): boolean {
  return (CLASSES[code] & HEX) !== 0
}
function isBlank(code: number): boolean {
  return (CLASSES[code] & BLANK) !== 0
}
function isControl(code: number): boolean {
  return code < SPACE && code !== NEWLINE && !isBlank(code)
}

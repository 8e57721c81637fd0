import { decodeByteString, toByteString } from "./byte-string.js"
import type { Diagnostic } from "./diagnostics.js"

/** A place as editors count: lines from 0, and UTF-16 characters from 0 within the line. */
export interface SourcePlace {
  readonly line: number
  readonly character: number
}

/** From the first character to the one after the last; both ends are in one line. */
export interface SourceRange {
  readonly start: SourcePlace
  readonly end: SourcePlace
}

/** A line with what a diagnostic is about cut out of it. */
export interface MarkedLine {
  readonly before: string
  /** Empty at the end of the line. */
  readonly marked: string
  readonly after: string
}

/** The lines of a .proto file, for finding what diagnostics are about. Never throws, whatever the file holds. */
export class SourceLines {
  readonly #source: string
  /** Where each line begins. */
  readonly #starts: number[] = [0]
  /** How far the last search came: diagnostics of one long line are found without counting it anew for each. */
  #last = { line: -1, offset: 0, column: 0, character: 0 }

  constructor(source: string | Uint8Array) {
    this.#source = toByteString(source)
    for (let at = this.#source.indexOf("\n"); at >= 0; at = this.#source.indexOf("\n", at + 1))
      this.#starts.push(at + 1)
  }

  /** The token that a diagnostic is about; undefined for one about the file as a whole. */
  range(diagnostic: Diagnostic): SourceRange | undefined {
    const found = this.#find(diagnostic)
    if (!found) return undefined
    const { line, character, start, end } = found
    const marked = decodeByteString(this.#source.slice(start, end))
    return { start: { line, character }, end: { line, character: character + marked.length } }
  }

  /** The line of a diagnostic, no more of it than `most` bytes to either side of the place. */
  marked(diagnostic: Diagnostic, most: number): MarkedLine | undefined {
    const found = this.#find(diagnostic)
    if (!found) return undefined
    const { line, start, end } = found
    const lineStart = this.#starts[line]!
    const from = wholeCharacter(this.#source, Math.max(lineStart, start - most))
    const to = wholeCharacter(this.#source, Math.min(this.#endOf(line), end + most))
    const text = (a: number, b: number): string => decodeByteString(this.#source.slice(a, b))
    return { before: text(from, start), marked: text(start, end), after: text(end, Math.max(end, to)) }
  }

  /** Where a diagnostic's token begins and ends, in bytes from the file's beginning. */
  #find({ line: lineNumber, column: wanted }: Diagnostic): (SourcePlace & { start: number; end: number }) | undefined {
    const line = (lineNumber ?? 0) - 1
    const lineStart = this.#starts[line]
    if (lineStart === undefined || wanted === undefined) return undefined
    const lineEnd = this.#endOf(line)
    let { line: lastLine, offset, column, character } = this.#last
    if (lastLine !== line || column > wanted - 1) {
      offset = lineStart
      column = 0
      character = 0
    }
    const from = offset
    while (column < wanted - 1 && offset < lineEnd) {
      column = this.#source[offset] === "\t" ? column + 8 - (column % 8) : column + 1
      offset++
    }
    // protoc complains of a letter that is no ASCII byte by byte: the letter is what can be shown.
    const start = offset < lineEnd ? wholeCharacter(this.#source, offset) : offset
    column -= offset - start
    offset = start
    character += decodeByteString(this.#source.slice(from, offset)).length
    this.#last = { line, offset, column, character }
    return { line, character, start: offset, end: this.#tokenEnd(offset, lineStart, lineEnd) }
  }

  #endOf(line: number): number {
    const next = this.#starts[line + 1]
    const end = next === undefined ? this.#source.length : next - 1
    return this.#source[end - 1] === "\r" && end > this.#starts[line]! ? end - 1 : end
  }

  #tokenEnd(start: number, lineStart: number, lineEnd: number): number {
    const before = this.#source.slice(Math.max(lineStart, start - 20), start)
    const rest = this.#source.slice(start, Math.min(lineEnd, start + LONGEST_TOKEN))
    const isOption = rest.startsWith("(") && BEFORE_OPTION.test(before)
    const found = (isOption ? OPTION_NAME : IMPORT).exec(rest) ?? TOKEN.exec(rest)
    return start + (found?.[0].length ?? 0)
  }
}

/** A statement, of which it is the file that is not there, or of no use. */
const IMPORT = /^import[ \t]+(?:[a-z]+[ \t]+)?(?:"[^"]*"|'[^']*')/

/** More would not be shown. */
const LONGEST_TOKEN = 1000

/** A name with its dots, a number, a string literal as far as it goes, or one character of UTF-8. */
const TOKEN =
  /^(?:\.?[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[\xc0-\xff][\x80-\xbf]*|.)/

/** `(custom.option).field`. */
const OPTION_NAME = /^\([A-Za-z0-9_.]+\)(?:\.[A-Za-z0-9_]+)*/
const BEFORE_OPTION = /(?:\boption|[[,])[ \t]*$/

/** Moves back to where a character of UTF-8 begins. */
function wholeCharacter(source: string, at: number): number {
  let start = at
  while (start > at - 4 && (source.charCodeAt(start) & 0xc0) === 0x80) start--
  return start
}

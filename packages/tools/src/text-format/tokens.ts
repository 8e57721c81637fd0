import { toByteString } from "../compile/byte-string.js"
import { Lexer } from "../compile/lexer.js"
import { TextFormatError, type TextToken } from "./text-format-error.js"

/** The tokens of a text in text format; the last one is its end. @throws TextFormatError at the first that is none */
export function tokensOf(text: string): TextToken[] {
  const report = (line: number, column: number, message: string): never => {
    throw new TextFormatError(message, { kind: "symbol", text: "", line, column })
  }
  const lexer = new Lexer(toByteString(text), report, "text")
  const tokens: TextToken[] = []
  do {
    lexer.next()
    tokens.push({ kind: lexer.kind, text: lexer.text, line: lexer.line, column: lexer.column })
  } while (lexer.kind !== "end")
  return tokens
}

import { create } from "@bufbuild/protobuf"
import { SourceCodeInfo_LocationSchema } from "@bufbuild/protobuf/wkt"
import { MAX_UINT64 } from "./integer-ranges.js"
import { floatValue } from "./literal.js"
import type { AggregateToken, OptionNamePart, OptionOwner, OptionStatement, OptionValue } from "./parsed-file.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

/** `option name = value;`; `path` is that of the owner's options. */
export function parseOptionStatement(tokens: TokenStream, owner: OptionOwner, path: Path): void {
  tokens.within(path, () => parseOption(tokens, owner, path, true))
}

/** `name = value`, within brackets. */
export function parseOption(tokens: TokenStream, owner: OptionOwner, path: Path, isStatement = false): void {
  let statements = tokens.options.get(owner)
  if (!statements) tokens.options.set(owner, (statements = []))
  // The path grows by the option's field numbers when it is interpreted. protoc's locations of the name's parts and of the
  // value go away then, so none are made.
  tokens.within(path, (location) => {
    if (isStatement) tokens.expect("option")
    const nameAt = tokens.here
    const name: OptionNamePart[] = []
    do name.push(parseNamePart(tokens))
    while (tokens.accept("."))
    const statement: OptionStatement = { name, value: NO_VALUE, nameAt, valueAt: nameAt, location }
    statements.push(statement)
    tokens.expect("=")
    statement.valueAt = tokens.here
    statement.value = parseValue(tokens)
    if (isStatement) tokens.expectEnd(";", location)
  })
}

/** Until the value has been parsed. */
const NO_VALUE: OptionValue = { kind: "identifier", text: "" }

/** The same option of another declaration, which nobody wrote: it has no place of its own. */
export function copyOption(statement: OptionStatement): OptionStatement {
  const { path, span } = statement.location
  const location = create(SourceCodeInfo_LocationSchema, { path: [...path], span: [...span] })
  return { ...statement, nameAt: undefined, valueAt: undefined, location }
}

/** `[name = value, …]`, when every entry is an option. */
export function parseBracketedOptions(tokens: TokenStream, owner: OptionOwner, path: Path): void {
  if (!tokens.is("[")) return
  tokens.within(path, () => {
    tokens.expect("[")
    do parseOption(tokens, owner, path)
    while (tokens.accept(","))
    tokens.expect("]")
  })
}

function parseNamePart(tokens: TokenStream): OptionNamePart {
  if (!tokens.accept("(")) return { text: tokens.identifier("Expected identifier."), isExtension: false }
  // Nothing at all is refused only when the option is interpreted.
  let text = tokens.lexer.kind === "identifier" ? tokens.identifier("Expected identifier.") : ""
  while (tokens.accept(".")) text += `.${tokens.identifier("Expected identifier.")}`
  tokens.expect(")")
  return { text, isExtension: true }
}

function parseValue(tokens: TokenStream): OptionValue {
  const { lexer } = tokens
  const isNegative = tokens.accept("-")
  const { text } = lexer
  switch (lexer.kind) {
    case "identifier":
      lexer.next()
      if (isNegative && text !== "inf" && text !== "nan") {
        tokens.fail("Identifier after '-' symbol must be inf or nan.")
      }
      return isNegative ? { kind: "float", value: text === "inf" ? -Infinity : NaN } : { kind: "identifier", text }
    case "integer": {
      const value = tokens.anyInteger()
      return largestInteger(isNegative) < value
        ? { kind: "float", value: isNegative ? -Number(value) : Number(value) }
        : { kind: "integer", value: isNegative ? -value : value }
    }
    case "float":
      lexer.next()
      return { kind: "float", value: isNegative ? -floatValue(text) : floatValue(text) }
    case "string":
      if (isNegative) tokens.fail("Invalid '-' symbol before string.")
      return { kind: "string", bytes: tokens.byteString("Expected string.") }
    case "end":
      return tokens.fail("Unexpected end of stream while parsing option value.")
    default:
      return { kind: "aggregate", tokens: parseAggregate(tokens) }
  }
}

/** An integer beyond 64 bits is a floating-point number. */
function largestInteger(isNegative: boolean): bigint {
  return isNegative ? 1n << 63n : MAX_UINT64
}

function parseAggregate(tokens: TokenStream): AggregateToken[] {
  const { lexer } = tokens
  if (!tokens.is("{")) tokens.fail("Expected option value.")
  const aggregate: AggregateToken[] = []
  let depth = 0
  do {
    if (tokens.atEnd) tokens.fail("Unexpected end of stream while parsing aggregate value.")
    if (tokens.is("{")) depth++
    else if (tokens.is("}")) depth--
    aggregate.push({ kind: lexer.kind, text: lexer.text })
    lexer.next()
  } while (depth > 0)
  return aggregate
}

import { create } from "@bufbuild/protobuf"
import {
  type DescriptorProto,
  DescriptorProto_ExtensionRangeSchema,
  DescriptorProto_ReservedRangeSchema,
  type EnumDescriptorProto,
  EnumDescriptorProto_EnumReservedRangeSchema,
} from "@bufbuild/protobuf/wkt"
import { parseBracketedOptions } from "./parse-option.js"
import type { Path } from "./source-info.js"
import { MAX_FIELD_NUMBER, MAX_INT32, type TokenStream } from "./token-stream.js"

// Field numbers of DescriptorProto, EnumDescriptorProto and their ranges.
const MESSAGE = { extensionRange: 5, reservedRange: 9, reservedName: 10 } as const
const ENUM = { reservedRange: 4, reservedName: 5 } as const
const RANGE = { start: 1, end: 2, options: 3 } as const

/** `reserved 1, 5 to 8;` or `reserved "a", "b";` in a message. */
export function parseReserved(tokens: TokenStream, node: DescriptorProto, path: Path): void {
  parseReservedStatement(tokens, node.reservedName, [...path, MESSAGE.reservedName], [...path, MESSAGE.reservedRange], {
    nameExpected: "Expected field name string literal.",
    parseRanges: (ranges) => {
      let expected = "Expected field name or number range."
      do {
        const range = create(DescriptorProto_ReservedRangeSchema)
        const rangePath = [...ranges, node.reservedRange.length]
        node.reservedRange.push(range)
        tokens.source.place(range, rangePath)
        const { start, end } = parseRange(tokens, rangePath, MAX_FIELD_NUMBER, expected, (message) =>
          tokens.integer(message, MAX_INT32),
        )
        range.start = start
        range.end = end + 1 // Written inclusive, kept exclusive.
        expected = "Expected field number range."
      } while (tokens.accept(","))
    },
  })
}

/** `reserved -1, 5 to max;` or `reserved "A";` in an enum. */
export function parseEnumReserved(tokens: TokenStream, node: EnumDescriptorProto, path: Path): void {
  parseReservedStatement(tokens, node.reservedName, [...path, ENUM.reservedName], [...path, ENUM.reservedRange], {
    nameExpected: "Expected enum value string literal.",
    parseRanges: (ranges) => {
      let expected = "Expected enum value or number range."
      do {
        const range = create(EnumDescriptorProto_EnumReservedRangeSchema)
        const rangePath = [...ranges, node.reservedRange.length]
        node.reservedRange.push(range)
        tokens.source.place(range, rangePath)
        const { start, end } = parseRange(tokens, rangePath, MAX_INT32, expected, (message) =>
          tokens.signedInteger(message),
        )
        range.start = start
        range.end = end // Inclusive, unlike a message's.
        expected = "Expected enum number range."
      } while (tokens.accept(","))
    },
  })
}

/** `extensions 100 to 199, 500 to max [options];`. The options are those of the first range; the linker shares them. */
export function parseExtensionRanges(tokens: TokenStream, node: DescriptorProto, parent: Path): void {
  const path = [...parent, MESSAGE.extensionRange]
  tokens.within(path, (location) => {
    tokens.expect("extensions")
    const first = node.extensionRange.length
    do {
      const range = create(DescriptorProto_ExtensionRangeSchema)
      const rangePath = [...path, node.extensionRange.length]
      node.extensionRange.push(range)
      tokens.source.place(range, rangePath)
      const { start, end } = parseRange(
        tokens,
        rangePath,
        MAX_FIELD_NUMBER,
        "Expected field number range.",
        (message) => tokens.integer(message, MAX_INT32),
      )
      range.start = start
      range.end = end + 1
    } while (tokens.accept(","))
    parseBracketedOptions(tokens, node.extensionRange[first] as never, [...path, first, RANGE.options])
    tokens.expectEnd(";", location)
  })
}

interface ReservedGrammar {
  readonly nameExpected: string
  readonly parseRanges: (path: Path) => void
}

function parseReservedStatement(
  tokens: TokenStream,
  names: string[],
  namesPath: Path,
  rangesPath: Path,
  grammar: ReservedGrammar,
): void {
  const start = tokens.here
  tokens.expect("reserved")
  const { kind } = tokens.lexer
  if (kind === "identifier") {
    tokens.fail("Reserved names must be string literals. (Only editions supports identifiers.)")
  }
  const path = kind === "string" ? namesPath : rangesPath
  const location = tokens.openAt(path, start)
  if (kind === "string") {
    do tokens.within([...path, names.length], () => names.push(parseReservedName(tokens, grammar.nameExpected)))
    while (tokens.accept(","))
  } else {
    grammar.parseRanges(path)
  }
  tokens.expectEnd(";", location)
  tokens.close(location)
}

function parseReservedName(tokens: TokenStream, expected: string): string {
  const at = tokens.here
  const name = tokens.string(expected)
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    tokens.warningAt(at, `Reserved name "${name}" is not a valid identifier.`)
  }
  return name
}

/** `1`, `1 to 5` or `1 to max`, its end inclusive. */
function parseRange(
  tokens: TokenStream,
  path: Path,
  max: number,
  expected: string,
  parseNumber: (expected: string) => number,
): { start: number; end: number } {
  return tokens.within(path, () => {
    const at = tokens.here
    const { endColumn } = tokens.lexer
    const start = tokens.within([...path, RANGE.start], () => parseNumber(expected))
    if (!tokens.accept("to")) {
      const location = tokens.openAt([...path, RANGE.end], at)
      tokens.source.close(location, at.line, endColumn)
      return { start, end: start }
    }
    const end = tokens.within([...path, RANGE.end], () =>
      tokens.accept("max") ? max : parseNumber("Expected integer."),
    )
    return { start, end }
  })
}

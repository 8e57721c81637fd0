import { create } from "@bufbuild/protobuf"
import {
  type DescriptorProto,
  DescriptorProto_ReservedRangeSchema,
  type EnumDescriptorProto,
  type EnumDescriptorProto_EnumReservedRange,
  EnumDescriptorProto_EnumReservedRangeSchema,
} from "@bufbuild/protobuf/wkt"
import { MAX_INT32 } from "./integer-ranges.js"
import { parseFieldRange, parseRange, parseRanges } from "./parse-ranges.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field numbers of DescriptorProto and EnumDescriptorProto.
const MESSAGE = { reservedRange: 9, reservedName: 10 } as const
const ENUM = { reservedRange: 4, reservedName: 5 } as const

/** `reserved 1, 5 to 8;` or `reserved "a", "b";` in a message. */
export function parseReserved(tokens: TokenStream, node: DescriptorProto, path: Path): void {
  parseStatement(tokens, node.reservedName, [...path, MESSAGE.reservedName], [...path, MESSAGE.reservedRange], {
    nameExpected: "Expected field name string literal.",
    identifierExpected: "Expected field name identifier.",
    parseRanges: (ranges) => {
      const expected = ["Expected field name or number range.", "Expected field number range."] as const
      const newRange = () => create(DescriptorProto_ReservedRangeSchema)
      parseRanges(tokens, ranges, node.reservedRange, newRange, parseFieldRange, expected)
    },
  })
}

/** `reserved -1, 5 to max;` or `reserved "A";` in an enum. */
export function parseEnumReserved(tokens: TokenStream, node: EnumDescriptorProto, path: Path): void {
  parseStatement(tokens, node.reservedName, [...path, ENUM.reservedName], [...path, ENUM.reservedRange], {
    nameExpected: "Expected enum value string literal.",
    identifierExpected: "Expected enum value identifier.",
    parseRanges: (ranges) => {
      const expected = ["Expected enum value or number range.", "Expected enum number range."] as const
      const newRange = () => create(EnumDescriptorProto_EnumReservedRangeSchema)
      parseRanges(tokens, ranges, node.reservedRange, newRange, parseEnumRange, expected)
    },
  })
}

/** A range of an enum's numbers; its end is inclusive, unlike that of a message's. */
function parseEnumRange(
  tokens: TokenStream,
  range: EnumDescriptorProto_EnumReservedRange,
  path: Path,
  expected: string,
): void {
  const { start, end } = parseRange(tokens, path, expected, (message) => tokens.signedInteger(message))
  range.start = start
  range.end = end ?? MAX_INT32
}

/** What differs between messages and enums. */
interface ReservedGrammar {
  readonly nameExpected: string
  readonly identifierExpected: string
  readonly parseRanges: (path: Path) => void
}

function parseStatement(
  tokens: TokenStream,
  names: string[],
  namesPath: Path,
  rangesPath: Path,
  grammar: ReservedGrammar,
): void {
  const start = tokens.here
  tokens.expect("reserved")
  const { kind } = tokens.lexer
  const isEdition = tokens.syntax === "editions"
  if (kind === "string" && isEdition) {
    tokens.fail("Reserved names must be identifiers in editions, not string literals.")
  }
  if (kind === "identifier" && !isEdition) {
    tokens.fail("Reserved names must be string literals. (Only editions supports identifiers.)")
  }
  const isNames = kind === "string" || kind === "identifier"
  const path = isNames ? namesPath : rangesPath
  const location = tokens.openAt(path, start)
  if (isNames) {
    const parseName = (): string =>
      isEdition ? tokens.identifier(grammar.identifierExpected) : parseReservedName(tokens, grammar.nameExpected)
    do tokens.within([...path, names.length], () => names.push(parseName()))
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

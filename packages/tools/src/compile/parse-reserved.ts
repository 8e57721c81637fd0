import { create } from "@bufbuild/protobuf"
import {
  type DescriptorProto,
  type DescriptorProto_ExtensionRange,
  DescriptorProto_ExtensionRangeSchema,
  type DescriptorProto_ReservedRange,
  DescriptorProto_ReservedRangeSchema,
  type EnumDescriptorProto,
  EnumDescriptorProto_EnumReservedRangeSchema,
  type SourceCodeInfo_Location,
  SourceCodeInfo_LocationSchema,
} from "@bufbuild/protobuf/wkt"
import { MAX_COPIED_OPTIONS } from "./limits.js"
import { copyOption, parseBracketedOptions } from "./parse-option.js"
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
    identifierExpected: "Expected field name identifier.",
    parseRanges: (ranges) => {
      let expected = "Expected field name or number range."
      do {
        const range = create(DescriptorProto_ReservedRangeSchema)
        const rangePath = [...ranges, node.reservedRange.length]
        node.reservedRange.push(range)
        tokens.source.place(range, rangePath)
        parseFieldRange(tokens, range, rangePath, expected)
        expected = "Expected field number range."
      } while (tokens.accept(","))
    },
  })
}

/** `reserved -1, 5 to max;` or `reserved "A";` in an enum. */
export function parseEnumReserved(tokens: TokenStream, node: EnumDescriptorProto, path: Path): void {
  parseReservedStatement(tokens, node.reservedName, [...path, ENUM.reservedName], [...path, ENUM.reservedRange], {
    nameExpected: "Expected enum value string literal.",
    identifierExpected: "Expected enum value identifier.",
    parseRanges: (ranges) => {
      let expected = "Expected enum value or number range."
      do {
        const range = create(EnumDescriptorProto_EnumReservedRangeSchema)
        const rangePath = [...ranges, node.reservedRange.length]
        node.reservedRange.push(range)
        tokens.source.place(range, rangePath)
        const { start, end } = parseRange(tokens, rangePath, expected, (message) => tokens.signedInteger(message))
        range.start = start
        range.end = end ?? MAX_INT32 // Inclusive, unlike a message's.
        expected = "Expected enum number range."
      } while (tokens.accept(","))
    },
  })
}

/** `extensions 100 to 199, 500 to max [options];`. */
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
      parseFieldRange(tokens, range, rangePath, "Expected field number range.")
    } while (tokens.accept(","))
    parseRangeOptions(tokens, path, node.extensionRange, first)
    tokens.expectEnd(";", location)
  })
}

/** The options of one statement are those of each of its ranges, with locations for each. */
function parseRangeOptions(
  tokens: TokenStream,
  path: Path,
  ranges: readonly DescriptorProto_ExtensionRange[],
  first: number,
): void {
  const owner = ranges[first] as DescriptorProto_ExtensionRange
  const { locations } = tokens.source
  const begin = locations.length
  parseBracketedOptions(tokens, owner, [...path, first, RANGE.options])
  const statements = tokens.options.get(owner)
  if (!statements) return
  if (statements.length * (ranges.length - first) > MAX_COPIED_OPTIONS) {
    tokens.fail(`${ranges.length - first} ranges that share ${statements.length} options are too many.`)
  }
  const whole = locations[begin] as SourceCodeInfo_Location
  for (const [i, range] of ranges.entries()) {
    if (i <= first) continue
    const optionsPath = [...path, i, RANGE.options]
    locations.push(copyLocation(whole, optionsPath))
    const copies = statements.map(copyOption)
    for (const { location } of copies) locations.push(Object.assign(location, { path: [...optionsPath] }))
    tokens.options.set(range, copies)
  }
}

function copyLocation({ span }: SourceCodeInfo_Location, path: Path): SourceCodeInfo_Location {
  return create(SourceCodeInfo_LocationSchema, { path: [...path], span: [...span] })
}

interface ReservedGrammar {
  readonly nameExpected: string
  readonly identifierExpected: string
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

/** A range of field numbers, written with its last number and kept with the one after it. */
function parseFieldRange(
  tokens: TokenStream,
  range: DescriptorProto_ExtensionRange | DescriptorProto_ReservedRange,
  path: Path,
  expected: string,
): void {
  const { start, end } = parseRange(tokens, path, expected, (message) => {
    const number = tokens.integer(message, MAX_INT32)
    if (number === MAX_INT32) tokens.fail("Field number out of bounds.")
    return number
  })
  range.start = start
  range.end = (end ?? MAX_FIELD_NUMBER) + 1
  if (end === undefined) tokens.rangesToMax.add(range)
}

/** `1`, `1 to 5` or `1 to max`, its end inclusive and undefined for `max`. */
function parseRange(
  tokens: TokenStream,
  path: Path,
  expected: string,
  parseNumber: (expected: string) => number,
): { start: number; end: number | undefined } {
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
      tokens.accept("max") ? undefined : parseNumber("Expected integer."),
    )
    return { start, end }
  })
}

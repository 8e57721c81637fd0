import type { DescriptorProto_ExtensionRange, DescriptorProto_ReservedRange } from "@bufbuild/protobuf/wkt"
import { MAX_INT32 } from "./integer-ranges.js"
import { MAX_FIELD_NUMBER } from "./language-limits.js"
import type { DescriptorNode, Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field numbers of the messages that ranges are.
const RANGE = { start: 1, end: 2 } as const

/**
 * `1, 5 to 8, 100 to max`: adds a range for each.
 * @param path that of the ranges
 * @param expected errors that say what should stand there: in the place of the first range, and of the others
 */
export function parseRanges<Range extends DescriptorNode>(
  tokens: TokenStream,
  path: Path,
  ranges: Range[],
  newRange: () => Range,
  parse: (tokens: TokenStream, range: Range, path: Path, expected: string) => void,
  expected: readonly [first: string, other: string],
): void {
  let [message] = expected
  do {
    const range = newRange()
    const rangePath = [...path, ranges.length]
    ranges.push(range)
    tokens.source.place(range, rangePath)
    parse(tokens, range, rangePath, message)
    message = expected[1]
  } while (tokens.accept(","))
}

/** A range of field numbers, written with its last number and kept with the one after it. */
export function parseFieldRange(
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
export function parseRange(
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

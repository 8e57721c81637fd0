import { create } from "@bufbuild/protobuf"
import {
  type DescriptorProto,
  type DescriptorProto_ExtensionRange,
  DescriptorProto_ExtensionRangeSchema,
  type SourceCodeInfo_Location,
  SourceCodeInfo_LocationSchema,
} from "@bufbuild/protobuf/wkt"
import { MAX_COPIED_OPTIONS } from "./limits.js"
import { copyOption, parseBracketedOptions } from "./parse-option.js"
import { parseFieldRange, parseRanges } from "./parse-ranges.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field numbers of DescriptorProto and DescriptorProto.ExtensionRange.
const EXTENSION_RANGE = 5
const OPTIONS = 3

/** `extensions 100 to 199, 500 to max [options];`. */
export function parseExtensionRanges(tokens: TokenStream, node: DescriptorProto, parent: Path): void {
  const path = [...parent, EXTENSION_RANGE]
  tokens.within(path, (location) => {
    tokens.expect("extensions")
    const ranges = node.extensionRange
    const first = ranges.length
    parseRanges(tokens, path, ranges, () => create(DescriptorProto_ExtensionRangeSchema), parseFieldRange, EXPECTED)
    parseRangeOptions(tokens, path, ranges, first)
    tokens.expectEnd(";", location)
  })
}

const EXPECTED = ["Expected field number range.", "Expected field number range."] as const

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
  parseBracketedOptions(tokens, owner, [...path, first, OPTIONS])
  const statements = tokens.options.get(owner)
  if (!statements) return
  if (statements.length * (ranges.length - first) > MAX_COPIED_OPTIONS) {
    tokens.fail(`${ranges.length - first} ranges that share ${statements.length} options are too many.`)
  }
  const whole = locations[begin] as SourceCodeInfo_Location
  for (const [i, range] of ranges.entries()) {
    if (i <= first) continue
    const optionsPath = [...path, i, OPTIONS]
    locations.push(copyLocation(whole, optionsPath))
    const copies = statements.map(copyOption)
    for (const { location } of copies) locations.push(Object.assign(location, { path: [...optionsPath] }))
    tokens.options.set(range, copies)
  }
}

function copyLocation({ span }: SourceCodeInfo_Location, path: Path): SourceCodeInfo_Location {
  return create(SourceCodeInfo_LocationSchema, { path: [...path], span: [...span] })
}

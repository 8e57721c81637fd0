import { create } from "@bufbuild/protobuf"
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  FieldDescriptorProtoSchema,
  type SourceCodeInfo_Location,
  SymbolVisibility,
} from "@bufbuild/protobuf/wkt"
import { parseHead } from "./declaration-head.js"
import { MAX_INT32 } from "./integer-ranges.js"
import { MAX_MESSAGE_DEPTH } from "./language-limits.js"
import { MAX_GROUP_DEPTH } from "./limits.js"
import type { NestedMessages } from "./nested-messages.js"
import { parseEnum } from "./parse-enum.js"
import { parseExtend } from "./parse-extend.js"
import { parseExtensionRanges } from "./parse-extension-ranges.js"
import { parseField } from "./parse-field.js"
import { parseOneof } from "./parse-oneof.js"
import { parseOptionStatement } from "./parse-option.js"
import { parseReserved } from "./parse-reserved.js"
import { parseVisibility } from "./parse-visibility.js"
import { sets, setsTo } from "./parsed-file.js"
import type { Path } from "./source-info.js"
import { addSyntheticOneofs } from "./synthetic-oneofs.js"
import type { TokenStream } from "./token-stream.js"

// Field numbers of DescriptorProto.
const MESSAGE = { field: 2, nestedType: 3, enumType: 4, extension: 6, options: 7 } as const

/** `message Name { … }`. */
export function parseMessage(
  tokens: TokenStream,
  path: Path,
  messages: DescriptorProto[],
  visibility: SymbolVisibility,
): void {
  refuseDepth(tokens, path, MAX_MESSAGE_DEPTH)
  tokens.within(path, (location) => {
    const node = parseHead(tokens, path, create(DescriptorProtoSchema), messages, "message")
    parseBody(tokens, node, path, location)
    if (tokens.syntax === "proto3") addSyntheticOneofs(node)
    if (visibility !== SymbolVisibility.VISIBILITY_UNSET) node.visibility = visibility
  })
}

/** Two steps of a path lead from a message to one in it. */
function refuseDepth(tokens: TokenStream, path: Path, limit: number): void {
  if (path.length / 2 > limit) tokens.fail("Reached maximum recursion limit for nested messages.")
}

/** `{ … }`. */
function parseBody(tokens: TokenStream, node: DescriptorProto, path: Path, location: SourceCodeInfo_Location): void {
  refuseDepth(tokens, path, MAX_GROUP_DEPTH)
  tokens.expectEnd("{", location)
  const nested = nestedMessages(tokens, node.nestedType, [...path, MESSAGE.nestedType])
  tokens.block("message definition", () => parseMessageStatement(tokens, node, path, nested))
  widenRanges(tokens, node)
  refuseMapEntryOption(tokens, node)
}

/** The extensions of a message set have numbers of 32 bits: `to max` means these. */
function widenRanges(tokens: TokenStream, node: DescriptorProto): void {
  const options = tokens.options.get(node)
  if (!options?.some((statement) => setsTo(statement, "message_set_wire_format", "true"))) return
  for (const range of [...node.extensionRange, ...node.reservedRange]) {
    if (tokens.rangesToMax.has(range)) range.end = MAX_INT32
  }
}

/** Only the compiler says which messages are entries of maps. */
function refuseMapEntryOption(tokens: TokenStream, node: DescriptorProto): void {
  const option = tokens.options.get(node)?.find((statement) => sets(statement, "map_entry"))
  if (!option) return
  tokens.failAt(option.nameAt, "map_entry should not be set explicitly. Use map<KeyType, ValueType> instead.")
}

/** Adds the messages that come of fields to a list, whose path this is. */
export function nestedMessages(tokens: TokenStream, list: DescriptorProto[], path: Path): NestedMessages {
  return { list, path, parseBody: (message, at, location) => parseBody(tokens, message, at, location) }
}

function parseMessageStatement(tokens: TokenStream, node: DescriptorProto, path: Path, nested: NestedMessages): void {
  const visibility = parseVisibility(tokens)
  switch (tokens.lexer.text) {
    case "message":
      parseMessage(tokens, [...path, MESSAGE.nestedType, node.nestedType.length], node.nestedType, visibility)
      break
    case "enum":
      parseEnum(tokens, [...path, MESSAGE.enumType, node.enumType.length], node.enumType, visibility)
      break
    case "extensions":
      parseExtensionRanges(tokens, node, path)
      break
    case "reserved":
      parseReserved(tokens, node, path)
      break
    case "extend":
      parseExtend(tokens, [...path, MESSAGE.extension], node.extension, nested)
      break
    case "option":
      parseOptionStatement(tokens, node, [...path, MESSAGE.options])
      break
    case "oneof":
      parseOneof(tokens, node, path, nested)
      break
    default: {
      const field = create(FieldDescriptorProtoSchema)
      parseField(tokens, field, [...path, MESSAGE.field, node.field.push(field) - 1], nested)
    }
  }
}

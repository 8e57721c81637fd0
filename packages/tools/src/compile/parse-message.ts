import { create } from "@bufbuild/protobuf"
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  OneofDescriptorProtoSchema,
  type SourceCodeInfo_Location,
  SymbolVisibility,
} from "@bufbuild/protobuf/wkt"
import { MAX_GROUP_DEPTH } from "./limits.js"
import { parseEnum } from "./parse-enum.js"
import { type NestedMessages, parseField, parseFieldWithoutLabel } from "./parse-field.js"
import { parseOptionStatement } from "./parse-option.js"
import { parseExtensionRanges, parseReserved } from "./parse-reserved.js"
import { parseTypeName } from "./parse-type.js"
import { parseVisibility } from "./parse-visibility.js"
import type { Path } from "./source-info.js"
import { MAX_INT32, MAX_MESSAGE_DEPTH, type TokenStream } from "./token-stream.js"

// Field numbers of DescriptorProto, OneofDescriptorProto and FieldDescriptorProto.
const MESSAGE = { field: 2, nestedType: 3, enumType: 4, extension: 6, options: 7, oneofDecl: 8 } as const
const ONEOF = { options: 2 } as const
const FIELD = { extendee: 2 } as const

/** `message Name { … }`. */
export function parseMessage(
  tokens: TokenStream,
  path: Path,
  messages: DescriptorProto[],
  visibility: SymbolVisibility,
): void {
  refuseDepth(tokens, path, MAX_MESSAGE_DEPTH)
  tokens.within(path, (location) => {
    const node = create(DescriptorProtoSchema)
    messages.push(node)
    tokens.source.place(node, path)
    tokens.expect("message")
    node.name = tokens.declaredName(path, "Expected message name.")
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
  const isMessageSet = tokens.options
    .get(node)
    ?.some(
      ({ name, value }) =>
        name.length === 1 &&
        name[0]?.text === "message_set_wire_format" &&
        !name[0].isExtension &&
        value.kind === "identifier" &&
        value.text === "true",
    )
  if (!isMessageSet) return
  for (const range of [...node.extensionRange, ...node.reservedRange]) {
    if (tokens.rangesToMax.has(range)) range.end = MAX_INT32
  }
}

/** Only the compiler says which messages are entries of maps. */
function refuseMapEntryOption(tokens: TokenStream, node: DescriptorProto): void {
  const option = tokens.options.get(node)?.find(({ name }) => name[0]?.text === "map_entry" && !name[0].isExtension)
  if (!option) return
  tokens.failAt(option.nameAt, "map_entry should not be set explicitly. Use map<KeyType, ValueType> instead.")
}

function nestedMessages(tokens: TokenStream, list: DescriptorProto[], path: Path): NestedMessages {
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
      parseExtend(tokens, [...path, MESSAGE.extension], node.extension, node.nestedType, nested.path)
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

/** `extend Message { … }`, at the top of a file or in a message. */
export function parseExtend(
  tokens: TokenStream,
  path: Path,
  extensions: FieldDescriptorProto[],
  messages: DescriptorProto[],
  messagesPath: Path,
): void {
  const nested = nestedMessages(tokens, messages, messagesPath)
  tokens.within(path, (location) => {
    tokens.expect("extend")
    const start = tokens.here
    const extendee = parseTypeName(tokens)
    const { previousLine: endLine, previousEndColumn: endColumn } = tokens.lexer
    tokens.expectEnd("{", location)
    const first = extensions.length
    do {
      if (tokens.atEnd) tokens.fail("Reached end of input in extend definition (missing '}').")
      tokens.statement(() => {
        const fieldPath = [...path, extensions.length]
        const field = create(FieldDescriptorProtoSchema, { extendee })
        if (extensions.push(field) > first + 1) tokens.source.shareExtendee(field)
        parseField(tokens, field, fieldPath, nested, () => {
          tokens.source.close(tokens.openAt([...fieldPath, FIELD.extendee], start), endLine, endColumn)
        })
      })
    } while (!tokens.acceptEnd("}", undefined))
  })
}

/** `oneof name { … }`. Its fields are the message's own. */
function parseOneof(tokens: TokenStream, message: DescriptorProto, messagePath: Path, nested: NestedMessages): void {
  const oneofIndex = message.oneofDecl.length
  const path = [...messagePath, MESSAGE.oneofDecl, oneofIndex]
  tokens.within(path, (location) => {
    const node = create(OneofDescriptorProtoSchema)
    message.oneofDecl.push(node)
    tokens.source.place(node, path)
    tokens.expect("oneof")
    node.name = tokens.declaredName(path, "Expected oneof name.")
    tokens.expectEnd("{", location)
    do {
      if (tokens.atEnd) tokens.fail("Reached end of input in oneof definition (missing '}').")
      if (tokens.is("option")) parseOptionStatement(tokens, node, [...path, ONEOF.options])
      else tokens.statement(() => parseOneofField(tokens, message, messagePath, nested, oneofIndex))
    } while (!tokens.acceptEnd("}", undefined))
  })
}

function parseOneofField(
  tokens: TokenStream,
  message: DescriptorProto,
  messagePath: Path,
  nested: NestedMessages,
  oneofIndex: number,
): void {
  if (tokens.is("required") || tokens.is("optional") || tokens.is("repeated")) {
    // What is meant is clear: report it and go on.
    tokens.error("Fields in oneofs must not have labels (required / optional / repeated).")
    tokens.lexer.next()
  }
  const path = [...messagePath, MESSAGE.field, message.field.length]
  const field = create(FieldDescriptorProtoSchema, { label: Label.OPTIONAL, oneofIndex })
  message.field.push(field)
  parseFieldWithoutLabel(tokens, field, path, nested)
}

/**
 * An `optional` field of proto3 is the only member of a oneof of its own, so that programs which know nothing of it still
 * see presence. These oneofs come after all others.
 */
function addSyntheticOneofs(message: DescriptorProto): void {
  if (!message.field.some((field) => field.proto3Optional)) return
  const taken = new Set([...message.field, ...message.oneofDecl].map(({ name }) => name))
  const seen = new Set<string>()
  for (const field of message.field) {
    if (!field.proto3Optional) continue
    field.oneofIndex = message.oneofDecl.length
    // No second underscore: C++ keeps such names for itself.
    let name = field.name.startsWith("_") ? field.name : `_${field.name}`
    // A second field of a name is refused: a name that no other has will do, without a long line of X.
    if (seen.has(field.name)) name += ` ${field.oneofIndex}`
    while (taken.has(name)) name = `X${name}`
    seen.add(field.name)
    taken.add(name)
    message.oneofDecl.push(create(OneofDescriptorProtoSchema, { name }))
  }
}

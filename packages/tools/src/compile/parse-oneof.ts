import { create } from "@bufbuild/protobuf"
import {
  type DescriptorProto,
  FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  OneofDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt"
import { parseHead } from "./declaration-head.js"
import type { NestedMessages } from "./nested-messages.js"
import { LABELS, parseFieldWithoutLabel } from "./parse-field.js"
import { parseOptionStatement } from "./parse-option.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field numbers of DescriptorProto and OneofDescriptorProto.
const MESSAGE = { field: 2, oneofDecl: 8 } as const
const ONEOF = { options: 2 } as const

/** `oneof name { … }`. Its fields are the message's own. */
export function parseOneof(
  tokens: TokenStream,
  message: DescriptorProto,
  messagePath: Path,
  nested: NestedMessages,
): void {
  const oneofIndex = message.oneofDecl.length
  const path = [...messagePath, MESSAGE.oneofDecl, oneofIndex]
  tokens.within(path, (location) => {
    const node = parseHead(tokens, path, create(OneofDescriptorProtoSchema), message.oneofDecl, "oneof")
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
  if (LABELS.has(tokens.lexer.text)) {
    // What is meant is clear: report it and go on.
    tokens.error("Fields in oneofs must not have labels (required / optional / repeated).")
    tokens.lexer.next()
  }
  const path = [...messagePath, MESSAGE.field, message.field.length]
  const field = create(FieldDescriptorProtoSchema, { label: Label.OPTIONAL, oneofIndex })
  message.field.push(field)
  parseFieldWithoutLabel(tokens, field, path, nested)
}

import { FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import type { TokenStream } from "./token-stream.js"

/** A field's type as written: a scalar's, or the name of a message or enum that only the linker can tell apart. */
export interface WrittenType {
  readonly type: Type | undefined
  readonly name: string
}

/** A scalar type, or the name of a message or enum. */
export function parseType(tokens: TokenStream): WrittenType {
  const type = TYPE_KEYWORDS.get(tokens.lexer.text)
  if (type === undefined) return { type, name: parseTypeName(tokens) }
  if (type === Type.GROUP && tokens.syntax === "editions") {
    // What is meant is clear: report it and go on.
    tokens.error(
      "Group syntax is no longer supported in editions. To get group behavior you can specify " +
        "features.message_encoding = DELIMITED on a message field.",
    )
  }
  tokens.lexer.next()
  return { type, name: "" }
}

/** `a.b.Message` or `.a.b.Message`, where no scalar may stand. */
export function parseTypeName(tokens: TokenStream): string {
  const { text } = tokens.lexer
  if (TYPE_KEYWORDS.has(text)) {
    // What is meant is clear: report it and go on.
    tokens.error("Expected message type.")
    tokens.lexer.next()
    return text
  }
  const dot = tokens.accept(".") ? "." : ""
  return dot + tokens.dottedName("Expected type name.", "Expected identifier.")
}

/** The types that need no name. */
export const TYPE_KEYWORDS: ReadonlyMap<string, Type> = new Map([
  ["double", Type.DOUBLE],
  ["float", Type.FLOAT],
  ["int64", Type.INT64],
  ["uint64", Type.UINT64],
  ["int32", Type.INT32],
  ["fixed64", Type.FIXED64],
  ["fixed32", Type.FIXED32],
  ["bool", Type.BOOL],
  ["string", Type.STRING],
  ["group", Type.GROUP],
  ["bytes", Type.BYTES],
  ["uint32", Type.UINT32],
  ["sfixed32", Type.SFIXED32],
  ["sfixed64", Type.SFIXED64],
  ["sint32", Type.SINT32],
  ["sint64", Type.SINT64],
])

import { type FieldDescriptorProto, FieldDescriptorProto_Type as Type } from "@bufbuild/protobuf/wkt"
import { UNSTABLE_EDITION } from "./editions.js"
import type { TokenStream } from "./token-stream.js"

/** A field's type as written: a scalar's, or the name of a message or enum that only the linker can tell apart. */
export interface WrittenType {
  readonly type: Type | undefined
  readonly name: string
}

/** A scalar type, or the name of a message or enum. */
export function parseType(tokens: TokenStream): WrittenType {
  const isUnstable = tokens.edition === UNSTABLE_EDITION
  const { text } = tokens.lexer
  const type = (isUnstable ? UNSTABLE_TYPE_KEYWORDS : TYPE_KEYWORDS).get(text)
  if (type === undefined) {
    const replacement = isUnstable ? OBSOLETE_TYPE_KEYWORDS.get(text) : undefined
    if (replacement === undefined) return { type, name: parseTypeName(tokens) }
    // What is meant is clear: report it and go on.
    tokens.error(`Type '${text}' is obsolete in unstable editions, use '${replacement}' instead.`)
    tokens.lexer.next()
    return { type: Type.INT32, name: "" }
  }
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

/** Gives a field its type, or the name of it. */
export function setType(field: FieldDescriptorProto, { type, name }: WrittenType): void {
  if (type === undefined) field.typeName = name
  else field.type = type
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

/** The unstable edition tries out plain names for integers of a fixed size. */
const UNSTABLE_TYPE_KEYWORDS: ReadonlyMap<string, Type> = new Map([
  ["double", Type.DOUBLE],
  ["float", Type.FLOAT],
  ["uint64", Type.FIXED64],
  ["bool", Type.BOOL],
  ["string", Type.STRING],
  ["group", Type.GROUP],
  ["bytes", Type.BYTES],
  ["uint32", Type.FIXED32],
  ["int32", Type.SFIXED32],
  ["int64", Type.SFIXED64],
  ["varint32", Type.INT32],
  ["varint64", Type.INT64],
  ["uvarint32", Type.UINT32],
  ["uvarint64", Type.UINT64],
  ["zigzag32", Type.SINT32],
  ["zigzag64", Type.SINT64],
])

const OBSOLETE_TYPE_KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["fixed32", "uint32"],
  ["fixed64", "uint64"],
  ["sfixed32", "int32"],
  ["sfixed64", "int64"],
  ["sint32", "zigzag32"],
  ["sint64", "zigzag64"],
])

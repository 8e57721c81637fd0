import { type DescMessage, fromBinary, type MessageShape, type Registry } from "@bufbuild/protobuf"
import { toBinary } from "../compile/write-dynamic.js"
import { DescTypes } from "./desc-types.js"
import { parseTokens } from "./text-parser.js"
import { tokensOf } from "./tokens.js"

/** How text is read. */
export interface TextReadOptions {
  /** What extensions, and messages in an Any, may be of. Types that the message's own file imports need not be in it. */
  readonly registry?: Registry | undefined
}

/**
 * The message that a text says, in protobuf's text format.
 * @throws TextFormatError naming line and column, when the text is none, or says of the message what cannot be
 */
export function fromText<Desc extends DescMessage>(
  schema: Desc,
  text: string,
  options: TextReadOptions = {},
): MessageShape<Desc> {
  return fromBinary(schema, textToBinary(schema, text, options))
}

/** The bytes of the message that a text says, for codecs to read. @throws TextFormatError as `fromText` does */
export function textToBinary(schema: DescMessage, text: string, { registry }: TextReadOptions = {}): Uint8Array {
  const types = new DescTypes(schema, registry)
  return toBinary(parseTokens(tokensOf(text), types.message(schema.typeName)!, types))
}

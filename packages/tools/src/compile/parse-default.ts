import type { FieldDescriptorProto } from "@bufbuild/protobuf/wkt"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field number of FieldDescriptorProto.
const DEFAULT_VALUE = 7

/** `default = value`. proto3 has none: the validation refuses it, so the value is only moved over. */
export function parseDefault(tokens: TokenStream, field: FieldDescriptorProto, path: Path): void {
  if (Object.hasOwn(field, "defaultValue")) tokens.fail('Already set option "default".')
  tokens.expect("default")
  tokens.expect("=")
  field.defaultValue = tokens.within([...path, DEFAULT_VALUE], () => {
    const sign = tokens.accept("-") ? "-" : ""
    if (tokens.lexer.kind === "string") return tokens.string("Expected string for field default value.")
    const { text, kind } = tokens.lexer
    if (kind === "symbol" || kind === "end") tokens.fail("Expected default value.")
    tokens.lexer.next()
    return sign + text
  })
}

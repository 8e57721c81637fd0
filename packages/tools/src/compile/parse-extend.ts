import { create } from "@bufbuild/protobuf"
import { type FieldDescriptorProto, FieldDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"
import type { NestedMessages } from "./nested-messages.js"
import { parseField } from "./parse-field.js"
import { parseTypeName } from "./parse-type.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field number of FieldDescriptorProto.
const EXTENDEE = 2

/** `extend Message { … }`, at the top of a file or in a message; `path` is that of the extensions there. */
export function parseExtend(
  tokens: TokenStream,
  path: Path,
  extensions: FieldDescriptorProto[],
  nested: NestedMessages,
): void {
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
          tokens.source.close(tokens.openAt([...fieldPath, EXTENDEE], start), endLine, endColumn)
        })
      })
    } while (!tokens.acceptEnd("}", undefined))
  })
}

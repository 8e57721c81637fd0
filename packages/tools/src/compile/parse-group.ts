import { create } from "@bufbuild/protobuf"
import { DescriptorProtoSchema, type FieldDescriptorProto, type SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt"
import type { Position } from "./diagnostics.js"
import type { NestedMessages } from "./nested-messages.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field numbers of FieldDescriptorProto and DescriptorProto.
const FIELD_TYPE_NAME = 6
const MESSAGE_NAME = 1

/** `{ … }` after a group's head, which names a field and a message at once. */
export function parseGroup(
  tokens: TokenStream,
  field: FieldDescriptorProto,
  path: Path,
  nested: NestedMessages,
  { span }: SourceCodeInfo_Location,
  nameAt: Position,
): void {
  const { name } = field
  const messagePath = [...nested.path, nested.list.length]
  const location = tokens.openAt(messagePath, { line: span[0] as number, column: span[1] as number })
  const message = create(DescriptorProtoSchema, { name })
  nested.list.push(message)
  tokens.source.place(message, messagePath)
  for (const namePath of [
    [...messagePath, MESSAGE_NAME],
    [...path, FIELD_TYPE_NAME],
  ]) {
    tokens.source.close(tokens.openAt(namePath, nameAt), nameAt.line, nameAt.column + name.length)
  }
  if (!/^[A-Z]/.test(name)) tokens.errorAt(nameAt, "Group names must start with a capital letter.")
  field.name = name.toLowerCase()
  field.typeName = name
  if (!tokens.is("{")) tokens.fail("Missing group body.")
  nested.parseBody(message, messagePath, location)
  tokens.close(location)
}

import { create } from "@bufbuild/protobuf"
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  MessageOptionsSchema,
} from "@bufbuild/protobuf/wkt"
import { mapEntryName } from "./json-name.js"
import { copyOption } from "./parse-option.js"
import { parseType, setType, type WrittenType } from "./parse-type.js"
import { sets } from "./parsed-file.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

/** The types between the angle brackets. */
export interface MapType {
  readonly key: WrittenType
  readonly value: WrittenType
}

/** `<key, value>`, after `map`. */
export function parseMapType(tokens: TokenStream, field: FieldDescriptorProto, hasLabel: boolean): MapType {
  if (Object.hasOwn(field, "oneofIndex")) tokens.fail("Map fields are not allowed in oneofs.")
  if (hasLabel) tokens.fail("Field labels (required/optional/repeated) are not allowed on map fields.")
  if (field.extendee) tokens.fail("Map fields are not allowed to be extensions.")
  field.label = Label.REPEATED
  tokens.expect("<")
  const key = parseType(tokens)
  tokens.expect(",")
  const value = parseType(tokens)
  tokens.expect(">")
  return { key, value }
}

/** The message that an entry of a map is on the wire (protobuf.dev, "Maps", backwards compatibility). */
export function mapEntry(
  tokens: TokenStream,
  map: FieldDescriptorProto,
  path: Path,
  { key, value }: MapType,
): DescriptorProto {
  const name = mapEntryName(map.name)
  map.typeName = name
  const fields = [entryField("key", 1, key), entryField("value", 2, value)]
  // The map's features are those of its keys and values.
  const features = tokens.options.get(map)?.filter((statement) => sets(statement, "features"))
  if (features && features.length > 0) {
    for (const field of fields) tokens.options.set(field, features.map(copyOption))
  }
  const options = create(MessageOptionsSchema, { mapEntry: true })
  const entry = create(DescriptorProtoSchema, { name, field: fields, options })
  for (const node of [entry, ...fields]) tokens.source.placeBeside(node, path)
  return entry
}

function entryField(name: string, number: number, type: WrittenType): FieldDescriptorProto {
  const field = create(FieldDescriptorProtoSchema, { name, number, label: Label.OPTIONAL })
  setType(field, type)
  return field
}

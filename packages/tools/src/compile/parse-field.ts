import { create } from "@bufbuild/protobuf"
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  MessageOptionsSchema,
  type SourceCodeInfo_Location,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import type { Position } from "./diagnostics.js"
import { didYouMean } from "./did-you-mean.js"
import { jsonName } from "./literal.js"
import { parseDefault } from "./parse-default.js"
import { copyOption, parseOption } from "./parse-option.js"
import { parseType, type WrittenType } from "./parse-type.js"
import type { OptionStatement } from "./parsed-file.js"
import type { Path } from "./source-info.js"
import { MAX_INT32, type TokenStream } from "./token-stream.js"

// Field numbers of FieldDescriptorProto.
const FIELD = { number: 3, label: 4, type: 5, typeName: 6, options: 8, jsonName: 10 } as const
// Field number of DescriptorProto.
const MESSAGE_NAME = 1

const LABELS: ReadonlyMap<string, Label> = new Map([
  ["optional", Label.OPTIONAL],
  ["required", Label.REQUIRED],
  ["repeated", Label.REPEATED],
])

/** Where the messages go that come of fields: entries of maps, bodies of groups. */
export interface NestedMessages {
  readonly list: DescriptorProto[]
  readonly path: Path
  /** Parses a message's statements between braces. */
  readonly parseBody: (message: DescriptorProto, path: Path, location: SourceCodeInfo_Location) => void
}

/** `label type name = number [options];`. */
export function parseField(
  tokens: TokenStream,
  field: FieldDescriptorProto,
  path: Path,
  nested: NestedMessages,
  openExtendee?: () => void,
): void {
  tokens.source.place(field, path)
  tokens.within(path, (location) => {
    openExtendee?.()
    const label = LABELS.get(tokens.lexer.text)
    if (label !== undefined) {
      refuseLabel(tokens, label)
      tokens.within([...path, FIELD.label], () => tokens.lexer.next())
      field.label = label
      if (label === Label.OPTIONAL && tokens.syntax === "proto3") field.proto3Optional = true
    }
    parseRest(tokens, field, path, nested, location, label !== undefined)
  })
}

/** Editions have features in place of two of the labels. What is meant is clear: it is reported, and parsing goes on. */
function refuseLabel(tokens: TokenStream, label: Label): void {
  if (tokens.syntax !== "editions") return
  if (label === Label.OPTIONAL) {
    tokens.error(
      'Label "optional" is not supported in editions. By default, all singular fields have presence unless ' +
        "features.field_presence is set.",
    )
  } else if (label === Label.REQUIRED) {
    tokens.error('Label "required" is not supported in editions, use features.field_presence = LEGACY_REQUIRED.')
  }
}

/** `type name = number [options];`, as in a oneof. */
export function parseFieldWithoutLabel(
  tokens: TokenStream,
  field: FieldDescriptorProto,
  path: Path,
  nested: NestedMessages,
): void {
  tokens.source.place(field, path)
  tokens.within(path, (location) => parseRest(tokens, field, path, nested, location, false))
}

function parseRest(
  tokens: TokenStream,
  field: FieldDescriptorProto,
  path: Path,
  nested: NestedMessages,
  location: SourceCodeInfo_Location,
  hasLabel: boolean,
): void {
  const map = parseFieldType(tokens, field, path, hasLabel)
  const nameAt = tokens.here
  const hint = (): string | undefined => didYouMean(field.typeName, STATEMENT_WORDS)
  field.name = tokens.declaredName(path, "Expected field name.", hint)
  tokens.expect("=", "Missing field number.", hint)
  field.number = tokens.within([...path, FIELD.number], () => tokens.integer("Expected field number.", MAX_INT32))
  parseFieldOptions(tokens, field, path)
  if (isGroup(field)) {
    parseGroup(tokens, field, path, nested, location, nameAt)
    return
  }
  tokens.expectEnd(";", location)
  if (map) nested.list.push(mapEntry(tokens, field, path, map))
}

/** What else may begin a statement of a message: mistyped, it is taken for the type of a field. */
const STATEMENT_WORDS =
  "optional required repeated message enum oneof option reserved extensions extend map group export local".split(" ")

/** Whether the type is `group`. (A field whose type is a name has no type yet.) */
function isGroup(field: FieldDescriptorProto): boolean {
  return Object.hasOwn(field, "type") && field.type === Type.GROUP
}

/** `{ … }` after a group's head, which names a field and a message at once. */
function parseGroup(
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
    [...path, FIELD.typeName],
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

interface MapType {
  readonly key: WrittenType
  readonly value: WrittenType
}

function parseFieldType(
  tokens: TokenStream,
  field: FieldDescriptorProto,
  path: Path,
  hasLabel: boolean,
): MapType | undefined {
  // Only the type tells which of `type` and `type_name` the location is for.
  return tokens.within(path, (location) => {
    const isMapWord = tokens.accept("map")
    if (isMapWord && tokens.is("<")) {
      location.path = [...path, FIELD.typeName]
      return parseMapType(tokens, field, hasLabel)
    }
    if (!hasLabel && !Object.hasOwn(field, "label")) {
      if (tokens.syntax === "proto2")
        tokens.error('Expected "required", "optional", or "repeated".', () => tokens.suggest(STATEMENT_WORDS))
      field.label = Label.OPTIONAL
    }
    const { type, name } = isMapWord ? { type: undefined, name: "map" } : parseType(tokens)
    location.path = [...path, type === undefined ? FIELD.typeName : FIELD.type]
    if (type === undefined) field.typeName = name
    else field.type = type
    return undefined
  })
}

/** `<key, value>`. */
function parseMapType(tokens: TokenStream, field: FieldDescriptorProto, hasLabel: boolean): MapType {
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
function mapEntry(
  tokens: TokenStream,
  field: FieldDescriptorProto,
  path: Path,
  { key, value }: MapType,
): DescriptorProto {
  const capitalised = jsonName(`_${field.name}`)
  const name = `${capitalised}Entry`
  field.typeName = name
  const fields = [entryField("key", 1, key), entryField("value", 2, value)]
  // The map's features are those of its keys and values.
  const features = tokens.options.get(field)?.filter(isFeature)
  if (features && features.length > 0) {
    for (const part of fields) tokens.options.set(part, features.map(copyOption))
  }
  const options = create(MessageOptionsSchema, { mapEntry: true })
  const entry = create(DescriptorProtoSchema, { name, field: fields, options })
  for (const node of [entry, ...fields]) tokens.source.placeBeside(node, path)
  return entry
}

function isFeature({ name: [first] }: OptionStatement): boolean {
  return first?.text === "features" && !first.isExtension
}

function entryField(name: string, number: number, { type, name: typeName }: WrittenType): FieldDescriptorProto {
  const field = create(FieldDescriptorProtoSchema, { name, number, label: Label.OPTIONAL })
  if (type === undefined) field.typeName = typeName
  else field.type = type
  return field
}

/** `[default = …, json_name = …, option = …]`: the first two are the field's own and no options. */
function parseFieldOptions(tokens: TokenStream, field: FieldDescriptorProto, path: Path): void {
  if (!tokens.is("[")) return
  const options = [...path, FIELD.options]
  tokens.within(options, () => {
    tokens.expect("[")
    do {
      if (tokens.is("default")) parseDefault(tokens, field, path)
      else if (tokens.is("json_name")) parseJsonName(tokens, field, [...path, FIELD.jsonName])
      else parseOption(tokens, field, options)
    } while (tokens.accept(","))
    tokens.expect("]")
  })
}

function parseJsonName(tokens: TokenStream, field: FieldDescriptorProto, path: Path): void {
  if (Object.hasOwn(field, "jsonName")) tokens.error('Already set option "json_name".')
  tokens.within(path, () => {
    tokens.expect("json_name")
    tokens.expect("=")
    field.jsonName = tokens.within(path, () => tokens.string("Expected string for JSON name."))
  })
}

import {
  type FieldDescriptorProto,
  FieldDescriptorProto_Label as Label,
  type SourceCodeInfo_Location,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt"
import { didYouMean } from "./did-you-mean.js"
import { MAX_INT32 } from "./integer-ranges.js"
import type { NestedMessages } from "./nested-messages.js"
import { parseDefault } from "./parse-default.js"
import { parseGroup } from "./parse-group.js"
import { type MapType, mapEntry, parseMapType } from "./parse-map.js"
import { parseOption } from "./parse-option.js"
import { parseType, setType } from "./parse-type.js"
import type { Path } from "./source-info.js"
import type { TokenStream } from "./token-stream.js"

// Field numbers of FieldDescriptorProto.
const FIELD = { number: 3, label: 4, type: 5, typeName: 6, options: 8, jsonName: 10 } as const

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

/** The words that may stand before a type. */
export const LABELS: ReadonlyMap<string, Label> = new Map([
  ["optional", Label.OPTIONAL],
  ["required", Label.REQUIRED],
  ["repeated", Label.REPEATED],
])

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
    const written = isMapWord ? { type: undefined, name: "map" } : parseType(tokens)
    location.path = [...path, written.type === undefined ? FIELD.typeName : FIELD.type]
    setType(field, written)
    return undefined
  })
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

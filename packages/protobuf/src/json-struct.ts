import type { JsonObject, JsonValue } from "@bufbuild/protobuf"
import type { ListValue, NullValue, Struct, Value } from "@bufbuild/protobuf/wkt"
import type { ByteSink } from "./codec.js"
import { encodeStruct, readStruct } from "./gen/google/protobuf/struct_codec.js"
import { setEntry } from "./wire/message-object.js"
import type { Reader } from "./wire/reader.js"

// A field of type google.protobuf.Struct holds a JSON object instead of a message, as @bufbuild/protobuf has it.

/** Writes a JSON object as a Struct. */
export function encodeJsonStruct(json: JsonObject, sink: ByteSink, position: number): number {
  return encodeStruct(toStruct(json), sink, position)
}

/** Reads a Struct as a JSON object; when the field comes again, entries are added to those that it had. */
export function readJsonStruct(reader: Reader, stop: number, previous?: JsonObject): JsonObject {
  const json = toJson(readStruct(reader, stop))
  if (previous === undefined) return json
  for (const key of Object.keys(json)) setEntry(previous, key, json[key]!)
  return previous
}

function toJson(struct: Struct): JsonObject {
  const json: JsonObject = {}
  for (const key of Object.keys(struct.fields)) setEntry(json, key, toJsonValue(struct.fields[key]!))
  return json
}

function toJsonValue({ kind }: Value): JsonValue {
  switch (kind.case) {
    case "structValue":
      return toJson(kind.value)
    case "listValue":
      return kind.value.values.map(toJsonValue)
    case "nullValue":
    case undefined:
      return null
    default:
      return kind.value
  }
}

function toStruct(json: JsonObject): Struct {
  const struct: Struct = { $typeName: "google.protobuf.Struct", fields: {} }
  for (const key of Object.keys(json)) setEntry(struct.fields, key, toValue(json[key]!))
  return struct
}

const NULL_VALUE: NullValue = 0

function toValue(json: JsonValue): Value {
  return { $typeName: "google.protobuf.Value", kind: toKind(json) }
}

function toKind(json: JsonValue): Value["kind"] {
  switch (typeof json) {
    case "number":
      return { case: "numberValue", value: json }
    case "string":
      return { case: "stringValue", value: json }
    case "boolean":
      return { case: "boolValue", value: json }
    case "object":
      if (json === null) return { case: "nullValue", value: NULL_VALUE }
      if (Array.isArray(json)) return { case: "listValue", value: toListValue(json) }
      return { case: "structValue", value: toStruct(json) }
    default:
      // What JSON does not have (undefined, functions) is a Value without a kind, as @bufbuild/protobuf writes it.
      return { case: undefined }
  }
}

function toListValue(json: readonly JsonValue[]): ListValue {
  return { $typeName: "google.protobuf.ListValue", values: json.map(toValue) }
}

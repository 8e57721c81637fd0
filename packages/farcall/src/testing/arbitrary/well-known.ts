import { create, type DescMessage, fromJson, type JsonObject, type JsonValue, type Message } from "@bufbuild/protobuf"
import * as fc from "fast-check"

/** The well-known types that allow less than their fields do; `undefined` for all other messages. */
export function wellKnown(schema: DescMessage): fc.Arbitrary<Message> | undefined {
  return makers.get(schema.typeName)?.(schema)
}

/** Objects of JSON, as a field of type Struct has them. */
export const jsonObject: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<JsonValue>, { maxKeys: 4 })
  .map((object) => ({ ...object }))

const jsonValue = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>

const nanos = fc.integer({ min: 0, max: 999_999_999 })

/** google/protobuf/timestamp.proto: from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z. */
const timestamp = fc.record({
  seconds: fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n }),
  nanos,
})

/** google/protobuf/duration.proto: 10,000 years either way; seconds and nanos have one sign. */
const duration = fc
  .tuple(fc.bigInt({ min: 0n, max: 315_576_000_000n }), nanos, fc.boolean())
  // At the end of the range there is no room for nanos.
  .map(([seconds, part, negative]) => ({ seconds, nanos: seconds === 315_576_000_000n ? 0 : part, negative }))
  .map(({ seconds, nanos, negative }) => (negative ? { seconds: -seconds, nanos: 0 - nanos } : { seconds, nanos }))

/** google/protobuf/field_mask.proto: names as they come through JSON, which has them in lowerCamelCase. */
const fieldMask = fc.record({
  paths: fc.array(fc.stringMatching(/^[a-z]{1,5}(_[a-z]{1,5}){0,2}(\.[a-z]{1,5}(_[a-z]{1,5}){0,2}){0,2}$/), {
    maxLength: 4,
  }),
})

const ofFields =
  (fields: fc.Arbitrary<Record<string, unknown>>) =>
  (schema: DescMessage): fc.Arbitrary<Message> =>
    fields.map((init) => create(schema, init))

/** google/protobuf/struct.proto: a Value is always one of its kinds, and its numbers are finite. */
const ofJson =
  (json: fc.Arbitrary<JsonValue>) =>
  (schema: DescMessage): fc.Arbitrary<Message> =>
    json.map((value) => fromJson(schema, value))

const makers: ReadonlyMap<string, (schema: DescMessage) => fc.Arbitrary<Message>> = new Map([
  ["google.protobuf.Timestamp", ofFields(timestamp)],
  ["google.protobuf.Duration", ofFields(duration)],
  ["google.protobuf.FieldMask", ofFields(fieldMask)],
  ["google.protobuf.Value", ofJson(jsonValue)],
  ["google.protobuf.Struct", ofJson(jsonObject)],
  ["google.protobuf.ListValue", ofJson(fc.array(jsonValue, { maxLength: 4 }))],
])

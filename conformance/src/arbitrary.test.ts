import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { create, createRegistry, type DescMessage, fromJson, type Message, toJson } from "@bufbuild/protobuf"
import { reflect } from "@bufbuild/protobuf/reflect"
import {
  AnySchema,
  anyUnpack,
  type DescriptorProto,
  DescriptorProtoSchema,
  type Duration,
  DurationSchema,
  type Timestamp,
  TimestampSchema,
  UninterpretedOption_NamePartSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt"
import { fromBinary, toBinary } from "@farcall/protobuf"
import { arbitraryOf } from "farcall/testing/arbitrary"
import * as fc from "fast-check"
import { wellKnownPairs } from "../../packages/tools/dist/test-support/codec-pairs.js"
import { conformanceModules, TEST_MESSAGES } from "../../packages/tools/dist/test-support/conformance-types.js"
import { visible } from "../../packages/tools/dist/test-support/same-message.js"

const modules = conformanceModules()

describe("arbitrary messages", () => {
  for (const proto of TEST_MESSAGES) {
    it(`of ${proto} go through bytes and JSON and come back the same`, async () => {
      for (const { schema, codec } of await modules.pairs(proto)) {
        if (endless(schema)) continue
        const registry = createRegistry(schema)
        fc.assert(
          fc.property(arbitraryOf(schema, { registry }), (message) => {
            same(fromBinary(codec, toBinary(codec, message)), message)
            same(fromJson(schema, toJson(schema, message, { registry }), { registry }), message)
          }),
          { numRuns: schema.name.startsWith("TestAllTypes") ? 150 : 20 },
        )
      }
    })
  }

  it("of the well-known types likewise", () => {
    for (const { schema, codec } of wellKnownPairs) {
      fc.assert(
        fc.property(arbitraryOf(schema), (message) => {
          same(fromBinary(codec, toBinary(codec, message)), message)
          same(fromJson(schema, toJson(schema, message)), message)
        }),
        { numRuns: 20 },
      )
    }
  })

  it("have every field set at times, and not at others", async () => {
    for (const proto of TEST_MESSAGES) {
      const types = await modules.pairs(proto)
      const { schema } = types.find(({ schema }) => schema.name.startsWith("TestAllTypes"))!
      // NullValue has one value, which without presence is as none.
      const fields = schema.fields.filter(({ name }) => name !== "optional_null_value")
      const seen = { set: new Set<string>(), unset: new Set<string>() }
      for (const message of fc.sample(arbitraryOf(schema), { numRuns: 800, seed: 7 })) {
        const reflected = reflect(schema, message)
        for (const field of fields) (reflected.isSet(field) ? seen.set : seen.unset).add(field.name)
      }
      const all = fields.map(({ name }) => name).sort()
      assert.deepEqual([...seen.set].sort(), all)
      assert.deepEqual([...seen.unset].sort(), all)
    }
  })

  it("shrink to the smallest that fails", () => {
    const failing = fc.check(
      fc.property(arbitraryOf(DescriptorProtoSchema), ({ field }) => field.length === 0),
      { seed: 5 },
    )
    const [smallest] = failing.counterexample!
    assert.deepEqual(smallest, create(DescriptorProtoSchema, { field: [{}] }))
  })

  it("are as deep as they are said to be", () => {
    const depthOf = (message: Message): number =>
      Math.max(0, ...(message as DescriptorProto).nestedType.map((nested) => 1 + depthOf(nested)))
    for (const depth of [0, 1, 3]) {
      const messages = fc.sample(arbitraryOf(DescriptorProtoSchema, { depth }), { numRuns: 2_000, seed: 3 })
      assert.equal(Math.max(...messages.map(depthOf)), depth)
    }
  })

  it("have their required fields, however deep", () => {
    fc.assert(
      fc.property(arbitraryOf(UninterpretedOption_NamePartSchema, { depth: 0 }), (part) =>
        ["namePart", "isExtension"].every((name) => Object.hasOwn(part, name)),
      ),
    )
  })

  it("hold in an Any what the registry has", () => {
    const registry = createRegistry(TimestampSchema, DurationSchema)
    const held = new Set<string | undefined>()
    for (const any of fc.sample(arbitraryOf(AnySchema, { registry }), { numRuns: 100, seed: 1 })) {
      held.add(anyUnpack(any, registry)?.$typeName)
    }
    assert.deepEqual(held, new Set([undefined, "google.protobuf.Timestamp", "google.protobuf.Duration"]))
    for (const any of fc.sample(arbitraryOf(AnySchema), 10)) assert.deepEqual(any, create(AnySchema))
  })

  it("have the types of their messages", () => {
    const timestamps: fc.Arbitrary<Timestamp> = arbitraryOf(TimestampSchema)
    // @ts-expect-error: a Timestamp is no Duration
    const durations: fc.Arbitrary<Duration> = arbitraryOf(TimestampSchema)
    assert.equal(fc.sample(timestamps, 1)[0]!.$typeName, "google.protobuf.Timestamp")
    assert.notEqual(timestamps, durations)
  })

  it("are refused of what is no message, and with a depth that is none", () => {
    const wrong = { name: "TypeError", message: /arbitraryOf takes the schema of a message/ }
    for (const what of [undefined, null, "Timestamp", {}]) assert.throws(() => arbitraryOf(what as never), wrong)
    for (const depth of [-1, 0.5, Number.NaN]) {
      assert.throws(() => arbitraryOf(ValueSchema, { depth }), { name: "RangeError", message: /depth is / })
    }
  })

  it("are refused where every message requires another one", async () => {
    const types = await modules.pairs("google/protobuf/test_messages_proto2.proto")
    const { schema } = types.find((type) => endless(type.schema))!
    assert.throws(() => arbitraryOf(schema), {
      name: "TypeError",
      message: `arbitraryOf: every ${schema.typeName} requires another one`,
    })
  })
})

/** Of these no message can be complete: each requires another one. */
function endless({ typeName }: DescMessage): boolean {
  return typeName.includes(".TestAllRequiredTypesProto2")
}

/** The same to all who look, though messages of proto2 that different makers made have prototypes of their own. */
function same(actual: unknown, expected: unknown): void {
  assert.deepEqual(visible(actual), visible(expected))
}

import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import type { CodecPair } from "../../../packages/tools/dist/test-support/codec-pairs.js"
import { messageTypes } from "./message-types.js"
import { runProtobuf } from "./run.js"
import { sameValue } from "./same-value.js"

describe("codecs of ours and of @bufbuild/protobuf", () => {
  let pairs: readonly CodecPair[]
  before(async () => {
    pairs = await messageTypes()
  })

  it("agree 50,000 times", (context) => {
    const outcomes = runProtobuf({ inputs: 50_000, seed: 1, pairs })
    context.diagnostic(JSON.stringify([...outcomes]))
    // The inputs say something: many are read, many refused, and few excused.
    assert.ok(outcomes.get("accepted")! > 15_000, `${outcomes.get("accepted")} accepted`)
    assert.ok(outcomes.get("refused")! > 10_000, `${outcomes.get("refused")} refused`)
  })

  it("are both of them looked at", () => {
    const { schema, codec } = pairs[0]!
    const forgetful = { ...codec, decode: () => codec.decode(new Uint8Array(0), 0, 0) }
    const run = (): unknown => runProtobuf({ inputs: 100, seed: 1, pairs: [{ schema, codec: forgetful }] })
    assert.throws(run, /^Error: seed \d+: protobuf_test_messages\.[\w.]+ [0-9a-f]+: /)
  })
})

describe("sameValue", () => {
  const different: [unknown, unknown][] = [
    [0, -0],
    [1, 1n],
    [[], {}],
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ a: undefined }, { b: undefined }],
    [Uint8Array.of(1), [1]],
    [Uint8Array.of(1), Uint8Array.of(1, 0)],
    [Object.create({ a: 1 }), Object.create({ a: 2 })],
    [Object.create(null), {}],
  ]
  for (const [a, b] of different) {
    it(`tells ${JSON.stringify(typeof a === "bigint" ? `${a}` : a)} from another`, () => {
      assert.equal(sameValue(a, b), false)
      assert.equal(sameValue(b, a), false)
    })
  }

  it("sees that equals are the same", () => {
    assert.ok(sameValue({ a: [Number.NaN, { b: Uint8Array.of(1) }] }, { a: [Number.NaN, { b: Uint8Array.of(1) }] }))
    assert.ok(sameValue(Object.create({ a: 1 }), Object.create({ a: 1 })))
  })
})

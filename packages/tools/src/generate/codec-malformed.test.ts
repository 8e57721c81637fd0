import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { proto3Pairs, wellKnownPairs } from "../test-support/codec-pairs.js"
import { compareMalformed } from "../test-support/compare-codecs.js"

describe("generated codecs on malformed bytes", () => {
  const total = { accepted: 0, refused: 0, excused: 0 }

  for (const pair of [...proto3Pairs, ...wellKnownPairs]) {
    it(`take and refuse what @bufbuild/protobuf does: ${pair.schema.typeName}`, () => {
      const { accepted, refused, excused } = compareMalformed(pair, 10)
      total.accepted += accepted
      total.refused += refused
      total.excused += excused
    })
  }

  it("were compared on bytes of all sorts", (context) => {
    context.diagnostic(JSON.stringify(total))
    assert.ok(total.accepted > 1000 && total.refused > 1000, JSON.stringify(total))
    assert.ok(total.excused < total.accepted + total.refused, JSON.stringify(total))
  })
})

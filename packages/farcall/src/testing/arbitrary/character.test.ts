import assert from "node:assert/strict"
import { describe, it } from "node:test"
import * as fc from "fast-check"
import { character } from "./character.js"

describe("any character", () => {
  it("is one, and has UTF-8", () => {
    fc.assert(
      fc.property(character, (text) => {
        assert.equal([...text].length, 1)
        assert.equal(Buffer.from(text).toString(), text)
      }),
    )
  })

  it("may be the first and the last there are, and those beside the halves of pairs, which are none", () => {
    for (const text of ["\0", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}"]) {
      assert.ok(character.canShrinkWithoutContext(text), JSON.stringify(text))
    }
    for (const text of ["", "ab", "\ud800", "\udfff", "a\u{10000}", 7]) {
      assert.ok(!character.canShrinkWithoutContext(text), JSON.stringify(text))
    }
  })
})
